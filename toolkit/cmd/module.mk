# The commands, a file each: the only room that wires others together, prints and exits
cmd_SRCS := $(wildcard toolkit/cmd/*.c)
cmd_DEPS := base text store rpm spec source debian keys sandbox seed builder reproduce godeps finding config closure image inspect check cli diff machine sbom report verify
cmd_PKGS :=
cmd_TESTS := $(call tests,cmd)
