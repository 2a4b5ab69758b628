# SPDX-License-Identifier: MIT
# One non-recursive Makefile. Variants: make V=release|debug|asan|tsan|cov|fuzz; all output is below out/.

V ?= release
O := out/$(V)
VERSION := 0.1.0
CC ?= cc
PREFIX ?= /usr/local
PKG_CONFIG ?= pkg-config
MODULES := base tree binary graph text store rpmdb rpm scriptlet seccomp streams sandbox spec source debian keys repo seed solve builder reproduce godeps finding disk readfs fat partition config closure ext4 system payload scriptrun finish image inspect license vulnerability check cli diff machine sbom report verify cmd

ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc)
endif

# ordinary users of Debian do not have these in PATH; mke2fs, depmod and sgdisk are there
export PATH := $(PATH):/usr/sbin:/sbin

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

# The unit tests of a module: tests/unit/test_<module>.c and test_<module>_*.c.
tests = $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_$(1).c tests/unit/test_$(1)_*.c))
$(foreach m,$(MODULES),$(eval include toolkit/$(m)/module.mk))

# --- flags ---------------------------------------------------------------------------------------
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla -Wwrite-strings \
	-Wformat=2 -Wswitch-enum -Wpointer-arith
BASEFLAGS := -std=gnu17 -D_GNU_SOURCE -Itoolkit
VERSIONFLAG := -DHULL_VERSION='"$(VERSION)"'
HARDEN := -fstack-protector-strong -fPIE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
FLAGS_release := -O2 -g $(HARDEN)
LINK_release := -pie -Wl,-z,relro,-z,now
FLAGS_debug := -O0 -g3
LINK_debug :=
FLAGS_asan := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
LINK_asan := -fsanitize=address,undefined
FLAGS_tsan := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
LINK_tsan := -fsanitize=thread
FLAGS_cov := -O0 -g --coverage
LINK_cov := --coverage
FLAGS_fuzz := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all
LINK_fuzz := -fsanitize=address,undefined
ifeq ($(V),fuzz)
CC := clang
endif
ifeq ($(CI),true)
WARN += -Werror
endif
CFLAGS ?=
ALLFLAGS = $(BASEFLAGS) $(VERSIONFLAG) $(WARN) $(FLAGS_$(V)) $(CFLAGS)

# make VERBOSE=1 shows the commands
ifndef VERBOSE
Q := @
say = @printf '  %-5s %s\n' $(1) $@
endif

# --- packages ------------------------------------------------------------------------------------
ALL_PKGS := $(sort $(foreach m,$(MODULES),$($(m)_PKGS)))
ifeq ($(filter help clean setup uninstall,$(or $(MAKECMDGOALS),help)),)
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(ALL_PKGS) 2>/dev/null)
PKG_LIBS := $(shell $(PKG_CONFIG) --libs $(ALL_PKGS) 2>/dev/null) $(foreach m,$(MODULES),$($(m)_LIBS))
endif

# --- modules -------------------------------------------------------------------------------------
# <module>_CLOSURE: the module and all that it may use; MODULES has what is used first.
$(foreach m,$(MODULES),$(eval $(m)_CLOSURE := $(sort $(m) $(foreach d,$($(m)_DEPS),$($(d)_CLOSURE)))))
objs = $(patsubst toolkit/%.c,$(O)/%.o,$(foreach m,$(1),$($(m)_SRCS)))
ALL_OBJS := $(call objs,$(MODULES))
LIB_OBJS := $(call objs,$(filter-out cmd cli,$(MODULES)))
TEST_BINS := $(foreach m,$(MODULES),$(addprefix $(O)/tests/,$($(m)_TESTS)))
FUZZ_NAMES := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

# <module>_CFLAGS: flags of that module alone
$(foreach m,$(MODULES),$(if $($(m)_CFLAGS),$(eval $(call objs,$(m)): MODULE_CFLAGS := $($(m)_CFLAGS))))
$(O)/%.o: toolkit/%.c $(O)/.packages
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALLFLAGS) $(MODULE_CFLAGS) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/hull: $(O)/main.o $(ALL_OBJS)
	$(call say,LINK)
	$(Q)$(CC) $(LINK_$(V)) -o $@.new $^ $(PKG_LIBS)
	@mv $@.new $@

# A missing library is an error that names the package to install.
$(O)/.packages: Makefile $(wildcard toolkit/*/module.mk)
	@mkdir -p $(@D)
	@for p in $(ALL_PKGS); do $(PKG_CONFIG) --exists $$p || { \
	  echo "hull: library '$$p' is missing: run 'make setup', or install what scripts/packages names for it" >&2; exit 1; }; done
	@touch $@

define test_rules
$(foreach t,$($(1)_TESTS),
$(O)/tests/$(t): tests/unit/$(t).c $(call objs,$($(1)_CLOSURE) $($(1)_TEST_DEPS)) $(O)/.packages
	@mkdir -p $$(@D)
	$$(call say,LINK)
	$(Q)$(CC) $(ALLFLAGS) $(PKG_CFLAGS) -MMD -MP -o $$@ $$(filter %.c %.o,$$^) $(LINK_$(V)) $(PKG_LIBS) -lcmocka
)
endef
$(foreach m,$(MODULES),$(eval $(call test_rules,$(m))))

$(O)/fuzz/%: tests/fuzz/fuzz_%.c $(LIB_OBJS)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(ALLFLAGS) $(PKG_CFLAGS) -o $@ $< $(if $(filter fuzz,$(V)),-fsanitize=fuzzer,tests/fuzz/replay.c) $(filter %.o,$^) $(LINK_$(V)) $(PKG_LIBS)

# it brings a table of commands of its own
$(O)/fuzz/conf: $(call objs,cli)

$(O)/bench: $(wildcard tests/bench/*.c) $(LIB_OBJS)
	$(call say,LINK)
	$(Q)$(CC) $(ALLFLAGS) $(PKG_CFLAGS) -o $@ $^ $(LINK_$(V)) $(PKG_LIBS)

# Disks for the boot test.
$(O)/boot-image: tests/boot-image.c $(LIB_OBJS)
	$(call say,LINK)
	$(Q)$(CC) $(ALLFLAGS) $(PKG_CFLAGS) -o $@ $^ $(LINK_$(V)) $(PKG_LIBS)

-include $(ALL_OBJS:.o=.d) $(O)/main.d $(wildcard $(O)/tests/*.d)

# --- targets -------------------------------------------------------------------------------------
.PHONY: help setup toolkit unit e2e check check-asan check-tsan fuzz-replay fuzz-all lint room-rules format bench man install uninstall clean packages image

help: ## this list
	@echo 'make TARGET [V=release|debug|asan|tsan|cov|fuzz]'
	@sed -n 's/^\([a-z][a-z0-9%-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: ## install what the host needs (Debian and derivatives)
	@scripts/setup build

toolkit: setup ## build hull, its man pages and shell completion
	@$(MAKE) --no-print-directory $(O)/hull man

image: packages ## build every package from source and write the default image to out/image
	$(O)/hull image --update $(CONFIG)
CONFIG ?= imageconfigs/container-host.json

packages: toolkit ## build every package from source into out/repo
	$(O)/hull build --strict

unit: $(TEST_BINS) ## unit tests
	@for t in $(TEST_BINS); do echo "== $$t"; $$t || exit 1; done

e2e: $(O)/hull $(O)/boot-image $(O)/tests/test_sandbox_limits ## end-to-end tests of the commands
	tests/run-e2e $(O)/hull

fuzz-replay: $(addprefix $(O)/fuzz/,$(FUZZ_NAMES)) ## replay the fuzzing corpora
	@for f in $(FUZZ_NAMES); do echo "== fuzz_$$f"; $(O)/fuzz/$$f tests/fuzz/corpus/$$f/* || exit 1; done

fuzz-%: ## fuzz one entry point for a minute
	@scripts/setup lint
	@$(MAKE) --no-print-directory V=fuzz out/fuzz/fuzz/$*
	@mkdir -p out/fuzz/corpus/$*
	out/fuzz/fuzz/$* -max_total_time=$(or $(SECONDS_EACH),60) out/fuzz/corpus/$* tests/fuzz/corpus/$*

fuzz-all: ## fuzz every entry point for a million executions
	@scripts/setup lint
	@$(MAKE) --no-print-directory V=fuzz $(FUZZ_NAMES:%=out/fuzz/fuzz/%)
	@tests/fuzz/all $(or $(RUNS),1000000) $(FUZZ_NAMES:%=out/fuzz/fuzz/%)

check: toolkit ## all tests
	@scripts/setup test
	@tests/run-all $(MAKE)

# what cannot be had is NULL there too, as hull expects of an allocation
SANITIZED = ASAN_OPTIONS=allocator_may_return_null=1 TSAN_OPTIONS=allocator_may_return_null=1
check-asan: ## unit tests and corpora under address and undefined-behaviour sanitizers
	@scripts/setup test
	@$(SANITIZED) $(MAKE) --no-print-directory V=asan unit fuzz-replay

# the rooms that have work done by threads, and the tests that make threads of their own
TSAN_TESTS = $(sort $(foreach m,base $(shell grep -l base/workers.h toolkit/*/*.c | cut -d/ -f2),$($m_TESTS)) \
	$(patsubst tests/unit/%.c,%,$(shell grep -l pthread_create tests/unit/*.c)))
check-tsan: ## unit tests of what threads run, under the thread sanitizer
	@scripts/setup test
	@$(SANITIZED) $(MAKE) --no-print-directory V=tsan unit TEST_BINS='$(TSAN_TESTS:%=out/tsan/tests/%)'

lint: ## clang-format, clang-tidy, headers alone, module arrows, banned calls, sizes, shellcheck
	@scripts/setup test lint
	@scripts/lint "$(ARROWS)" "$(BASEFLAGS) $(WARN) $(PKG_CFLAGS)"

room-rules: ## of lint, what is said of rooms (a second)
	@scripts/room-rules "$(ARROWS)"
comma := ,
ARROWS = $(foreach m,$(MODULES),$(m):$(subst $() ,$(comma),$(strip $($(m)_DEPS))))

format: ## apply clang-format
	@scripts/setup lint
	clang-format -i toolkit/*.c toolkit/*/*.[ch] tests/unit/*.[ch] tests/fuzz/*.c

bench: toolkit $(O)/bench ## measure speed and memory against the ordinary tools
	@scripts/setup test
	tests/bench/run $(O)/hull $(O)/bench

# Section 5 of the manual is made of these documents.
MAN5 := baseline conf image lock store
man: $(O)/hull $(MAN5:%=$(O)/man/hull-%.5) ## man pages and completion from option tables and documents
	@mkdir -p $(O)/man $(O)/completion
	@$(O)/hull help --man-all $(O)/man
	@for s in bash zsh fish; do $(O)/hull help --completion $$s > $(O)/completion/hull.$$s; done

$(O)/man/hull-%.5: toolkit/docs/%.md scripts/manual.awk
	@mkdir -p $(@D)
	@awk -f scripts/manual.awk -v page=hull-$* -v section=5 -v version=$(VERSION) \
	  -v also="$(patsubst %,hull-%,$(filter-out $*,$(MAN5)))" $< > $@

# What is installed, SOURCE:PATH below PREFIX, for install and uninstall alike.
COMMANDS = $(shell sed -n 's/^const struct hull_command hull_cmd_\([a-z]*\) = {/\1/p' toolkit/c[lm]*/*.c)
DATA = $(shell find toolkit/macros toolkit/seed -type f ! -name '*.[ch]' ! -name module.mk) \
	$(wildcard kernel/*.checks) kernel/exceptions
INSTALLED = $(O)/hull:bin/hull $(foreach f,$(DATA),$(f):share/hull/$(f:toolkit/%=%)) \
	$(foreach f,LICENSE $(wildcard toolkit/docs/*),$(f):share/doc/hull/$(notdir $(f))) \
	$(foreach p,hull $(COMMANDS:%=hull-%),$(O)/man/$(p).1:share/man/man1/$(p).1) \
	$(foreach p,$(MAN5:%=hull-%),$(O)/man/$(p).5:share/man/man5/$(p).5) \
	$(O)/completion/hull.bash:share/bash-completion/completions/hull \
	$(O)/completion/hull.zsh:share/zsh/site-functions/_hull \
	$(O)/completion/hull.fish:share/fish/vendor_completions.d/hull.fish
TARGET = $(DESTDIR)$(PREFIX)

install: $(O)/hull man ## install below PREFIX (DESTDIR); nothing is fetched
	@for f in $(INSTALLED); do \
	  mode=644; [ ! -x $${f%%:*} ] || mode=755; \
	  install -Dm$$mode $${f%%:*} "$(TARGET)/$${f#*:}" || exit 1; done
	@echo "installed hull, its data, documents and man pages below $(TARGET)"

uninstall: ## remove what install put below PREFIX (DESTDIR)
	@for f in $(INSTALLED); do rm -f "$(TARGET)/$${f#*:}"; done
	@for d in hull doc/hull; do [ ! -d "$(TARGET)/share/$$d" ] || find "$(TARGET)/share/$$d" -type d -empty -delete; done

clean: ## remove out/ (the store is untouched)
	rm -rf out
