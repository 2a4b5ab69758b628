// SPDX-License-Identifier: MIT
#pragma once

#include "config/config.h"
#include "payload/payload.h"
#include "store/store.h"

/*
 * The room finish/: what makes a system of unpacked packages: accounts, units, caches and
 * configuration that scriptlets would write elsewhere, computed from the tree.
 */

/*
 * What scriptlets do elsewhere, done from the tree alone, one file a concern: catalog.c, hwdb.c,
 * identity.c, ldcache.c, modules.c, presets.c, tmpfiles.c. Each is a no-op when the tree has
 * nothing for it.
 */

/* tmpfiles.d(5): creates what belongs into the image (paths below /etc, /var, /usr, /opt, /srv,
 * /root, /home), leaves what is made at boot (/run, /tmp, /dev, ...) alone. */
HULL_CHECKED int hull_tmpfiles_apply(int64_t time, struct hull_tree *t, struct hull_err *e);

/* systemd.preset(5) over all units with [Install], then the Services of the configuration: the
 * links of WantedBy, RequiredBy, UpheldBy, Alias, Also, DefaultInstance in /etc/systemd/system. */
HULL_CHECKED int hull_presets_apply(const struct hull_image_config *c, struct hull_tree *t,
				    struct hull_err *e);

/* /etc/ld.so.cache (glibc's format 1.1, as ldconfig writes it) from ld.so.conf and the trusted
 * directories, and the soname links that are missing. */
HULL_CHECKED int hull_ldcache_add(struct hull_tree *t, struct hull_err *e);

/* modules.dep and its companions for each /usr/lib/modules/<version>, by depmod (kmod) on a
 * directory of links to the modules in the store. */
HULL_CHECKED int hull_modules_add(const struct hull_store *s, struct hull_tree *t,
				  struct hull_err *e);

/* /usr/lib/udev/hwdb.bin from hwdb.d files (the trie of sd-hwdb). */
HULL_CHECKED int hull_hwdb_add(struct hull_tree *t, struct hull_err *e);

/* /var/lib/systemd/catalog/database from *.catalog files (the format of journalctl
 * --update-catalog). */
HULL_CHECKED int hull_catalog_add(struct hull_tree *t, struct hull_err *e);

/* Host name, os-release with the configuration's Identity, empty machine-id, fstab-free mounts,
 * networks as networkd files, additional files. */
HULL_CHECKED int hull_identity_apply(const struct hull_image_config *c, int64_t time,
				     struct hull_tree *t, struct hull_err *e);
