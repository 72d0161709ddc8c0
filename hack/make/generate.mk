##@ Generated files
.PHONY: generate verify-generated
generate: $(NODE_MODULES) ## Write the generated files: CRDs, their copies in the chart, the reference pages, the diagrams
	@node hack/generate/main.ts

verify-generated: $(NODE_MODULES) ## Fail with a diff when a generated file is stale
	@node hack/generate/main.ts --check
