# What audits say: rules, severities, baselines, SARIF
finding_SRCS := $(wildcard toolkit/finding/*.c)
finding_DEPS := base text
finding_PKGS :=
finding_TESTS := $(call tests,finding)
