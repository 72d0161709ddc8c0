import eslint from '@eslint/js';
import prettier from 'eslint-config-prettier';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  globalIgnores([
    'dist/',
    'examples/live-shop/dist/',
    'node_modules/',
    'bench-results/',
    'coverage/',
    '.local/',
  ]),
  eslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['tsconfig.json', 'tsconfig.browser.json', 'tsconfig.web.json', 'tsconfig.shop.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      eqeqeq: 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true } }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Off: an interface may ask for a promise where one implementation has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // Off: the models of client-node are classes in name only; objects of their shape are what it takes and gives.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // process.env['NAME'] says that the name comes from outside.
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
    },
  },
  {
    files: ['src/**/*.ts', 'src/**/*.tsx'],
    rules: { 'no-console': 'error' },
  },
  {
    // A long answer could fill the memory of this process. Pages and the client read answers of our own service.
    files: ['src/**/*.ts'],
    ignores: ['src/web/**', 'src/client/**', 'src/relay/page/**', 'src/base/http/read-body.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'CallExpression[arguments.length=0][callee.property.name=/^(text|json|arrayBuffer|blob|bytes|formData)$/]',
          message:
            'Read answers with readText or readJson of src/base/http/read-body.ts, which take a limit.',
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'test/**/*.tsx'],
    rules: { '@typescript-eslint/no-empty-function': 'off' },
  },
  // Vite reads the default export.
  { files: ['examples/*/vite.config.ts'], rules: { 'no-restricted-exports': 'off' } },
  { files: ['src/web/**/*.tsx', 'examples/**/*.tsx'], ...reactHooks.configs.flat.recommended },
  {
    // Pages have the Agora SDK's types alone: its enums are plain values there.
    files: ['src/relay/page/**/*.ts', 'test/bench/rival-page/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
    },
  },
  {
    // Scripts of pages, served as they are.
    files: ['src/**/*.js', 'examples/**/*.js'],
    rules: { 'no-undef': 'off' },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', URL: 'readonly' } },
  },
  prettier,
);
