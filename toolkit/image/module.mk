# From packages to artifacts: the tree, the plan of the disk, the kernel image, tar and OCI
image_SRCS := $(wildcard toolkit/image/*.c)
image_DEPS := base tree binary text disk fat partition config closure ext4 payload scriptrun finish
image_PKGS := zlib libarchive
image_TESTS := $(call tests,image)
