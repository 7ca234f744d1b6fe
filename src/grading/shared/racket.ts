import type { Driver } from "./driver.js";
import { FAILED } from "./secret.js";

/**
 * `check-within` of rackunit, and what prints the token, are in a submodule, where names mean what they mean in
 * `racket/base` whatever the candidate defines. Checks are counted: a program that jumps out of one goes on with the
 * next form of its module.
 */
const SUBMODULE = (suffix: string, left: readonly number[], right: readonly number[], checks: number): string => `
(module assay-${suffix} racket/base
  (provide assay-within-${suffix} assay-end-${suffix})
  (define (within? actual expected epsilon)
    (cond
      [(and (number? actual) (number? expected))
       (or (equal? actual expected) (<= (magnitude (- actual expected)) epsilon))]
      [(and (pair? actual) (pair? expected))
       (and (within? (car actual) (car expected) epsilon) (within? (cdr actual) (cdr expected) epsilon))]
      [(and (vector? actual) (vector? expected))
       (within? (vector->list actual) (vector->list expected) epsilon)]
      [(and (hash? actual) (hash? expected))
       (and (= (hash-count actual) (hash-count expected))
            (for/and ([(key value) (in-hash expected)])
              (and (hash-has-key? actual key) (within? (hash-ref actual key) value epsilon))))]
      [else (equal? actual expected)]))
  (define held 0)
  (define (assay-within-${suffix} actual expected epsilon)
    (cond
      [(within? actual expected epsilon) (set! held (+ held 1))]
      [else
       (set! held -inf.0)
       (write-string "${FAILED}\\n" (current-error-port))
       (exit 1)]))
  (define (assay-end-${suffix})
    (cond
      [(= held ${checks})
       (define token (for/list ([one '(${left.join(" ")})] [other '(${right.join(" ")})])
         (integer->char (bitwise-xor one other))))
       (write-string (string-append "\\n" (list->string token) "\\n"))
       (flush-output)]
      [else
       (write-string "${FAILED}\\n" (current-error-port))
       (exit 1)])))
(require (submod "." assay-${suffix}))
`;

const CHECK = "(check-within ";

export const racket: Driver = {
  assemble: ({ program, tests, secret: { suffix, left, right } }) => `${program}
${SUBMODULE(suffix, left, right, tests.split(CHECK).length - 1)}
${tests.replace(/^\(require rackunit\)[ \t]*$/m, "").replaceAll(CHECK, `(assay-within-${suffix} `)}
(assay-end-${suffix})
`,
};
