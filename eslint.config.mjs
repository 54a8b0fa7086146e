import tseslint from 'typescript-eslint';
import { importRules } from './scripts/import-direction.mjs';

/** Style is prettier's business; here is what can go wrong, and the direction of imports (scripts/import-direction.mjs). */
export default tseslint.config(
  { ignores: ['dist/', '.felinar/', 'node_modules/', 'coverage/'] },
  ...tseslint.configs.strict,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      '@typescript-eslint/no-extraneous-class': [
        'error',
        { allowWithDecorator: true, allowStaticOnly: true, allowEmpty: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      // Nest reads the classes of constructor parameters at run time.
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      'no-console': 'off',
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Take the time from a Clock, or as an argument.' },
      ],
    },
  },
  {
    files: [
      'libs/kernel/src/clock.ts',
      'libs/services/**',
      'libs/testing/**',
      '**/*.spec.ts',
      '**/*-spec.ts',
      '**/main.ts',
      '**/bench/**',
      '**/chaos/**',
      '**/fuzz/**',
      'scripts/**',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  ...importRules(),
);
