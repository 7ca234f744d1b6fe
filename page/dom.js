/** The element of an id, of the kind it has to be. Throws where the page has none.
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
export function find(id, kind) {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`the page has no ${id}`);
}

/** Sets a text where it changed, so that selections and screen readers are left in peace.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Makes an element; strings among the children become text, never markup.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string} className
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function make(name, className, ...children) {
  const element = document.createElement(name);
  if (className !== "") element.className = className;
  element.append(...children);
  return element;
}

/** The square in the colour of a verdict. The name beside it says the same. @param {string} verdict */
export function makeDot(verdict) {
  const dot = make("i", "dot");
  dot.dataset["verdict"] = verdict;
  return dot;
}
