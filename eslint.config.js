import js from "@eslint/js";
import tseslint from "typescript-eslint";

/** Each layer may import only from those below it: cli > modelhost > server, attack, selftrain > report > grading > sandbox. */
const layer = (files, forbidden) => ({
  files,
  rules: {
    "no-restricted-imports": [
      "error",
      { patterns: forbidden.map((group) => ({ group: [group], message: "imports go down the layers only" })) },
    ],
  },
});

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", "coverage/", "fixtures/"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ["**/*.ts"] })),
  {
    files: ["**/*.ts"],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  { files: ["**/*.js"], languageOptions: { globals: { process: "readonly", console: "readonly" } } },
  {
    files: ["sandboxes/**/*.cjs"],
    languageOptions: {
      globals: {
        process: "readonly",
        Buffer: "readonly",
        require: "readonly",
        module: "writable",
        exports: "writable",
        __dirname: "readonly",
        __filename: "readonly",
      },
    },
  },
  // The compiler knows the browser's names and checks these files (page/tsconfig.json).
  { files: ["page/**/*.js", "test/page-looks.js"], rules: { "no-undef": "off" } },
  layer(
    ["src/sandbox/**"],
    ["**/grading/**", "**/report/**", "**/attack/**", "**/server/**", "**/selftrain/**", "**/cli/**"],
  ),
  layer(["src/grading/**"], ["**/report/**", "**/attack/**", "**/server/**", "**/selftrain/**", "**/cli/**"]),
  layer(["src/report/**"], ["**/attack/**", "**/server/**", "**/selftrain/**", "**/modelhost/**", "**/cli/**"]),
  layer(["src/attack/**"], ["**/server/**", "**/cli/**"]),
  layer(["src/modelhost/**"], ["**/grading/**", "**/sandbox/**", "**/attack/**", "**/selftrain/**", "**/cli/**"]),
  layer(["src/server/**"], ["**/cli/**", "**/selftrain/**", "**/modelhost/**"]),
  layer(["src/selftrain/**"], ["**/attack/**", "**/server/**", "**/cli/**"]),
);
