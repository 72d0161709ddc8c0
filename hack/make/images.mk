##@ Images
.PHONY: build images image-refs images-refresh
build: $(NODE_MODULES) ## Bundle the program, the pages and the demo into dist/
	@node hack/build.ts

images: $(NODE_MODULES) ## Build the container images that changed; archives go to the cache (IMAGES="relay-chromium")
	@node hack/images/main.ts build $(IMAGES)

image-refs: $(NODE_MODULES) ## Print the images' names and archives, as JSON
	@node hack/images/main.ts refs

images-refresh: ## Remove the images' Debian layers, so that the next build uses current packages
	@node hack/images/main.ts refresh
