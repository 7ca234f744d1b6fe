/** Runs in the browser. Texts of a page that are hard to read: contrast below 4.5 to what they stand on. */
export function findFaintTexts() {
  /** @param {string} color */
  const parse = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  /** @param {readonly number[]} color */
  const luminance = (color) => {
    const [red = 0, green = 0, blue = 0] = color
      .slice(0, 3)
      .map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  /** @param {Element | null} element @returns {number[]} */
  const ground = (element) => {
    if (element === null) return matchMedia("(prefers-color-scheme: dark)").matches ? [0, 0, 0] : [255, 255, 255];
    const color = parse(getComputedStyle(element).backgroundColor);
    return (color[3] ?? 1) === 1 && color.length > 0 ? color : ground(element.parentElement);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const faint = [];
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const text = texts.currentNode.textContent?.trim() ?? "";
    if (element === null || text === "" || !element.checkVisibility() || element.closest("noscript")) continue;
    const style = getComputedStyle(element);
    const [one, other] = [parse(element instanceof SVGElement ? style.fill : style.color), ground(element)]
      .map(luminance)
      .sort((a, b) => b - a);
    const contrast = ((one ?? 0) + 0.05) / ((other ?? 0) + 0.05);
    if (contrast < 4.5) faint.push(`${text.slice(0, 40)}: ${contrast.toFixed(2)}`);
  }
  return faint;
}

/** Runs in the browser. Pixels by which the page is wider than its window. */
export function measureOverflow() {
  return document.documentElement.scrollWidth - window.innerWidth;
}
