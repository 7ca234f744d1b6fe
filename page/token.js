/** The token, in this variable and nowhere else: it is gone with the page. */
let token = "";

/** @param {string} given */
export function setToken(given) {
  token = given.trim();
}

export function hasToken() {
  return token !== "";
}

/** Options of every request: the token where there is one, and never what the browser knows by itself.
 * @returns {RequestInit}
 */
export function credentials() {
  // Without this, a browser asks for a user's name and password by itself when the answer is 401.
  return { credentials: "omit", cache: "no-store", headers: token === "" ? {} : { authorization: `Bearer ${token}` } };
}
