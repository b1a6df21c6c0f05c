# The two commands of the README are `make demo` and `make test`; `make help`
# lists the rest.

CARGO ?= cargo
ARGS ?=
PYTHON ?= python3
STAGE ?= dev
DASHBOARD ?= dashboard/dist
CHROMIUM ?= /usr/bin/chromium

# The tools of infra/ live in an environment of their own: cargo-lambda, sam,
# cfn-lint, the emulator.
VENV := infra/.venv
TOOLS := PATH="$(CURDIR)/$(VENV)/bin:$$PATH" SAM_CLI_TELEMETRY=0

SECONDS_EACH ?= 60
FUZZ_VERSION := 0.13.2
FUZZ := target/tools/cargo-fuzz-$(FUZZ_VERSION)/bin/cargo-fuzz
FUZZED := $(CURDIR)/target/fuzz
SEEDS := $(addprefix $(CURDIR)/,examples/data examples/formats inventory-core/fuzz/found)

# What npm installed, and what it built of it.
PACKAGES := dashboard/node_modules/.package-lock.json
BUILT := dashboard/dist/index.html
# A folder of somebody's own needs no build here.
BUILD := $(if $(filter dashboard/dist,$(DASHBOARD)),$(BUILT))

.PHONY: help demo test test-fuzz test-infra test-dashboard lint bench fuzz measure dashboard deploy stack functions chromium needs-rust needs-node

help: ## List the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 18

demo: needs-rust ## Run the main job on the embedded default (ARGS="--once --json" and so on)
	@if [ -z "$(findstring --once,$(ARGS))" ] && command -v node >/dev/null; then \
		$(MAKE) --no-print-directory dashboard || echo 'Going on without the dashboard'; fi
	@$(CARGO) run --locked --release --example demo -- $(ARGS)

test: needs-rust ## Run every test
	$(CARGO) test --locked --workspace --all-features
	$(CARGO) bench --locked --package inventory-benches -- --test
	@$(MAKE) --no-print-directory test-fuzz
	@$(MAKE) --no-print-directory test-infra
	@$(MAKE) --no-print-directory test-dashboard

test-fuzz: needs-rust ## Fuzz the reader for a minute, where nightly Rust and a C++ compiler are there
	@if rustup toolchain list 2>/dev/null | grep -q '^nightly' && command -v c++ >/dev/null; then \
		$(MAKE) --no-print-directory fuzz SECONDS_EACH=30; \
	else \
		echo 'Not fuzzing: that needs a C++ compiler and nightly Rust (rustup toolchain install nightly --profile minimal)'; \
	fi

test-dashboard: $(BUILT) chromium functions ## Check the dashboard's types and units, and test it in Chromium against the stack
	@cd dashboard && npm run --silent typecheck && npm run --silent test
	@$(CARGO) build --locked --quiet --package inventory-examples --example demo
	@echo 'Testing the dashboard in Chromium against the stack on this machine (4 minutes)'
	@CHROMIUM=$(CHROMIUM) $(TOOLS) python infra/stack.py --once npm --prefix dashboard run --silent test:browser

test-infra: $(VENV)/installed $(BUILT) needs-rust ## Check the template, and test the whole stack as it ships on this machine
	@echo 'Checking the template (half a minute)'
	@cd infra && $(TOOLS) cfn-lint --template template.yaml
	@cd infra && $(TOOLS) sam validate --lint --template template.yaml --region eu-central-1
	@cd infra && $(TOOLS) python -m pytest --quiet --durations=0 --durations-min=9 tests/test_template.py
	@$(MAKE) --no-print-directory functions
	@$(TOOLS) python benches/init/loads.py --test
	@echo 'Deploying to an emulator on this machine and testing there (some minutes, most of them for 100,000 rows)'
	@cd infra && $(TOOLS) python -m pytest --quiet tests --ignore=tests/test_template.py

lint: needs-rust ## Fail on any warning from rustfmt, clippy or rustdoc
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets --all-features -- --deny warnings
	RUSTDOCFLAGS='--deny warnings' $(CARGO) doc --locked --workspace --all-features --no-deps

bench: needs-rust ## Measure all of it, beside its peers (15 minutes; writes benches/RESULTS.md, LOAD.md, LAMBDA.md)
	$(CARGO) bench --locked --package inventory-benches
	$(CARGO) bench --locked --profile release --package inventory-benches --features embedded --bench load
	@$(MAKE) --no-print-directory functions
	@$(TOOLS) python benches/init/init.py
	@$(TOOLS) python benches/init/loads.py

fuzz: $(FUZZ) ## Search for bytes that the reader does not survive (needs nightly Rust; SECONDS_EACH=600 searches longer)
	@for target in detect read; do \
		echo "Fuzzing: $$target ($(SECONDS_EACH) s, and the first time a minute to build)"; \
		mkdir -p $(FUZZED)/corpus/$$target; \
		RUSTUP_TOOLCHAIN=nightly CARGO_TARGET_DIR=$(FUZZED) $(FUZZ) run --fuzz-dir inventory-core/fuzz $$target \
			$(FUZZED)/corpus/$$target $(SEEDS) -- -max_total_time=$(SECONDS_EACH) -max_len=16384 -timeout=20 -print_funcs=0 \
			>$(FUZZED)/$$target.log 2>&1 || { cat $(FUZZED)/$$target.log >&2; exit 1; }; \
		grep '^Done' $(FUZZED)/$$target.log; \
	done

$(FUZZ): | needs-rust
	@echo 'Installing cargo-fuzz $(FUZZ_VERSION) into target/tools (a minute)'
	@$(CARGO) install --locked --quiet --version $(FUZZ_VERSION) --root $(FUZZ:%/bin/cargo-fuzz=%) cargo-fuzz

measure: $(BUILT) chromium functions ## Measure the dashboard: sizes, times, memory, Lighthouse
	@CHROMIUM=$(CHROMIUM) $(TOOLS) python infra/stack.py --once npm --prefix dashboard run --silent measure

dashboard: $(BUILT) ## Build the dashboard

$(BUILT): $(PACKAGES) dashboard/index.html dashboard/vite.config.ts $(shell find dashboard/src -type f)
	@echo 'Building the dashboard (a few seconds)'
	@cd dashboard && npm run --silent build -- --logLevel warn

$(PACKAGES): dashboard/package-lock.json | needs-node
	@echo 'Installing the packages of dashboard/package-lock.json (300 MB, half a minute)'
	@cd dashboard && npm ci --no-audit --no-fund --loglevel error
	@touch $@

deploy: functions $(BUILD) ## Deploy to AWS (STAGE=dev or prod, DASHBOARD=folder of built files)
	cd infra && $(TOOLS) sam deploy --config-env $(STAGE)
	$(TOOLS) python infra/publish.py --stack inventory-$(STAGE) --dashboard $(DASHBOARD)

stack: functions $(BUILD) ## Run the whole stack on this machine until Ctrl-C
	@echo 'Deploying to an emulator on this machine (10 seconds)'
	@$(TOOLS) python infra/stack.py --dashboard $(DASHBOARD)

functions: $(VENV)/installed needs-rust
	@echo 'Building the functions for Lambda (the first time some ten minutes)'
	@$(TOOLS) $(CARGO) lambda build --locked --profile lambda --output-format zip --lambda-dir target/lambda \
		--package load-inventory --package check-stock

$(VENV)/installed: infra/requirements.txt
	@$(PYTHON) -c 'import sys, venv, ensurepip; assert sys.version_info >= (3, 11)' 2>/dev/null || { \
		echo 'Python 3.11 or newer with its venv module is needed as "$(PYTHON)" (on Debian: apt-get install python3-venv)' >&2; exit 1; }
	@echo 'Installing the tools of infra/requirements.txt into $(VENV) (900 MB, some minutes)'
	@test -x $(VENV)/bin/pip || $(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --requirement infra/requirements.txt
	@touch $@

chromium:
	@test -x $(CHROMIUM) || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo 'Installing Chromium (300 MB, a minute)' && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; \
		else \
			echo 'Chromium is needed as "$(CHROMIUM)" (on Debian: apt-get install chromium; else CHROMIUM=path)' >&2; exit 1; \
		fi; }

needs-node:
	@node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null || { \
		echo 'Node 20.19 or newer is needed for the dashboard: install it from https://nodejs.org' >&2; exit 1; }

needs-rust:
	@command -v $(CARGO) >/dev/null || { \
		echo 'Rust is needed and "$(CARGO)" is not on the PATH: install it from https://rustup.rs' >&2; exit 1; }
