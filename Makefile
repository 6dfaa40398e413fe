# Everything starts here. `make run` on a fresh machine needs nothing but git, make and Python 3.11 to 3.13.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: run setup test check lint bench lock translations appimage starter-pack chroot-test msi msi-test clean help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
SETUP := installer/setup/setup.sh
export PYTHON

run: ## set up what is missing and start the app (DEMO=1, or no display: the demo in the terminal)
	@$(SETUP) run
	@if [ -n "$(DEMO)" ] || { [ -z "$${DISPLAY:-}" ] && [ -z "$${WAYLAND_DISPLAY:-}" ]; }; then \
	  exec $(BIN)/python -m app demo; else exec $(BIN)/python -m app; fi

setup: ## set up everything, tests included, and start nothing
	@$(SETUP) test

test: ## set up what is missing and run every test (ARGS="-k name" to choose)
	@$(SETUP) test
	@if [ -n "$(ARGS)" ]; then $(BIN)/python -m pytest $(ARGS); else tests/in_halves.sh; fi

lint: ## formatting, linting, types, import contracts
	@$(SETUP) test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy app models tests installer
	$(BIN)/lint-imports
	$(BIN)/shellcheck -x installer/setup/*.sh installer/linux/*.sh installer/linux/AppRun installer/windows/*.sh tests/in_halves.sh .ci/run

check: lint ## lint and the fast tests: run it before each commit
	@$(BIN)/python -m pytest tests/unit tests/architecture $(ARGS)

bench: ## speed, memory and accuracy on real recordings (ARGS="PART OPTIONS"; without: the parts)
	@$(SETUP) test
	@$(BIN)/python -m tests.performance $(ARGS)

lock: ## write the hashed requirements anew (ARGS=--upgrade for newer versions)
	@installer/setup/lock.sh $(ARGS)

translations: ## take new texts into the catalogs and compile them (resources/translations)
	@$(SETUP) test
	@$(BIN)/python -m installer.translations update
	@$(BIN)/python -m installer.translations compile
	@$(BIN)/python -m installer.translations check

appimage: ## build dist/Stethoscribe-<version>-x86_64.AppImage and check it (PACK_KEY=file, ZSTD_LEVEL=15 for a release)
	@installer/linux/build_appimage.sh

starter-pack: ## build dist/Stethoscribe-starter-<version>.zip, signed for the AppImage or the MSI that was built
	@installer/linux/build_starter_pack.sh

chroot-test: ## the AppImage in a minimal Debian 12 without network, as a plain user (root; about 5 minutes)
	@installer/linux/clean_chroot_test.sh dist/Stethoscribe-*-x86_64.AppImage dist/Stethoscribe-starter-*.zip

msi: ## build dist/Stethoscribe-<version>-x86_64.msi on Linux and check it (PYTHON=python3.12, PACK_KEY=file, SIGN_CMD=program)
	@installer/windows/build_msi.sh $(ARGS)

msi-test: ## the MSI under Wine: install, upgrade, downgrade, uninstall, purge, start (after make msi; about 5 minutes)
	@installer/windows/build_msi.sh $(ARGS) --version 99.0.0
	@installer/windows/wine_test.sh dist/Stethoscribe-$$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml | head -n 1)-x86_64.msi \
	  dist/Stethoscribe-99.0.0-x86_64.msi .cache/windows/payload

clean: ## remove what set-up and tests left in this folder; models and visits stay
	rm -rf .venv .wheels .setup .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info dist

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1|\2/' | awk -F'|' '{printf "%-12s %s\n", $$1, $$2}'
