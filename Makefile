# `make demo` converts a real model and proves it; `make test` runs all tests. Both set up what
# they need first.
SWIFT ?= swift
CONFIGURATION ?= release
FLAGS = -c $(CONFIGURATION)
RECUR = .build/$(CONFIGURATION)/recur
# The package's own builds don't need its plugins, whose tools would build the library twice.
export RECUR_PLUGINS = 0

.PHONY: all setup build demo test dist kernels lint format clean

all: build

setup:
	@sh .ci/setup

build: setup
	$(SWIFT) build $(FLAGS) --product recur

demo: build
	@sh .ci/demo $(RECUR)

test: setup
	$(SWIFT) build $(FLAGS) --build-tests
	SWIFT_BACKTRACE=enable=no $(SWIFT) test $(FLAGS) --skip-build --parallel
	sh .ci/kernels

# A static binary, a wheel and a Debian package, and a trial of each (docs/install.md).
dist: build
	packaging/dist dist
	RECUR=$(CURDIR)/$(RECUR) packaging/check dist

# The C kernels alone, with sanitizers, and those for AArch64 in an emulator.
kernels:
	sh .ci/kernels

lint:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests

format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

clean:
	rm -rf .build dist
