##@ Generated files
.PHONY: generate verify-generated
generate: $(NODE_MODULES) ## Write what is generated: CRDs, their copies in the chart, the reference pages, the diagrams
	@node hack/generate/main.ts

verify-generated: $(NODE_MODULES) ## Fail with a diff when a generated file is not what its sources give
	@node hack/generate/main.ts --check
