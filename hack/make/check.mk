##@ Checks
# Which folder may import which, in one table: .dependency-cruiser.mjs.
.PHONY: check lint imports format format-check types dead-code
check: format-check imports lint types dead-code verify-generated ## All quick checks

lint: $(NODE_MODULES) ## ESLint, type-checked
	@eslint --max-warnings 0 .

imports: $(NODE_MODULES) ## Direction of imports between the folders of src and the suites of test, and cycles in src
	@depcruise --config .dependency-cruiser.mjs src hack examples test

format: $(NODE_MODULES) ## Format every file
	@prettier --log-level warn --write .

format-check: $(NODE_MODULES) ## Fail when a file is not formatted
	@prettier --log-level warn --check .

types: $(NODE_MODULES) ## Type-check everything, and the pages' code against the browser's types
	@tsc -p tsconfig.json
	@tsc -p tsconfig.browser.json
	@tsc -p tsconfig.web.json
	@tsc -p tsconfig.shop.json

dead-code: $(NODE_MODULES) ## Exports, files and dependencies that nothing uses
	@knip
