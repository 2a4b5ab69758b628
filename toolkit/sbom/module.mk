# SPDX and CycloneDX documents, provenance
sbom_SRCS := $(wildcard toolkit/sbom/*.c)
sbom_DEPS := base tree binary text store rpm source closure image inspect license
sbom_PKGS := libcrypto
sbom_TESTS := $(call tests,sbom)
