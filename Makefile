# livechannel-operator. `make help` lists every target.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The project's own Node (pinned by the lock file) comes before the machine's.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
# Built tools, images and downloads: per user, keyed by version; may be deleted at any time.
export LIVECHANNEL_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/livechannel-operator
# What this checkout keeps while it runs: kubeconfig, logs, process ids. Ignored by git.
export LIVECHANNEL_LOCAL ?= $(CURDIR)/.local

NODE_MODULES := node_modules/.package-lock.json
$(NODE_MODULES): package.json package-lock.json
	@echo "==> npm ci"
	@npm ci --no-progress --loglevel=error
	@touch $@

include $(sort $(wildcard hack/make/*.mk))

##@ General
.PHONY: help
help: ## List the targets
	@awk 'BEGIN {FS = ":.*##"} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-zA-Z0-9_.%-]+:.*##/ {printf "  %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
