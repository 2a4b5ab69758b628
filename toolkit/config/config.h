// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "disk/sink.h"
#include "text/guid.h"

/*
 * The room config/: the JSON file that says what an image is made of, read and checked in full
 * before anything is built. config_document.h reads one; config_field.h is how its objects are
 * read, by tables of their fields.
 */

/*
 * An image configuration: Azure Linux's JSON schema, as far as Hull does what it says, and Hull's
 * own few additions (described in toolkit/docs/image.md). Every string lives in the arena. Paths of
 * files are as opened: relative ones were resolved against the directory of the configuration.
 */

enum hull_artifact_type {
	HULL_ARTIFACT_RAW,
	HULL_ARTIFACT_VHD,
	HULL_ARTIFACT_VHD_DYNAMIC,
	HULL_ARTIFACT_VHDX,
	HULL_ARTIFACT_QCOW2,
	HULL_ARTIFACT_TAR,
	HULL_ARTIFACT_OCI,
};

struct hull_artifact {
	const char *name; /* without suffix */
	enum hull_artifact_type type;
	enum hull_compression compression;
};

enum hull_fs_type { HULL_FS_NONE, HULL_FS_FAT32, HULL_FS_EXT4 };

struct hull_partition {
	const char *id, *name;
	const char *where; /* "file:line:column" for messages */
	enum hull_fs_type fs;
	bool esp;	       /* Flags has "esp" (or "boot" on a fat32 partition) */
	struct hull_guid type; /* partition type; all zero: from mount point and flags */
	bool has_type;
	uint64_t start_mib; /* 0: after the one before */
	uint64_t size_mib;  /* 0: computed from content plus head_room_mib */
	bool rest;	    /* End is 0: up to the end of the disk (MaxSize) */
	bool grows; /* an ESP with an End: it and what is behind it move if it is too small */
	uint64_t head_room_mib; /* Hull's addition: free space when the size is computed */
	/* from PartitionSettings of the system */
	const char *mount_point; /* NULL: not mounted */
	const char *mount_options;
	const char *mount_identifier; /* "uuid", "partuuid" (default) or "partlabel" */
};

enum hull_want_kind { HULL_WANT_LIST, HULL_WANT_PACKAGES, HULL_WANT_KERNEL, HULL_WANT_IMPLIED };

struct hull_want {
	const char *package; /* name, or "name >= evr" as in a Requires */
	const char *origin;  /* who asks: "packagelists/core.json:4", "container-host.json:21" */
	enum hull_want_kind kind;
};

struct hull_account {
	const char *name, *where;
	const char *password;			  /* a crypt(3) hash, or NULL: locked */
	int64_t uid;				  /* -1: not given */
	int64_t password_expires_days;		  /* -1: never */
	const char *primary_group, *home, *shell; /* NULL: not given */
	struct hull_strv groups;		  /* secondary */
	struct hull_strv ssh_keys;		  /* lines for authorized_keys */
};

struct hull_group {
	const char *name, *where;
	int64_t gid; /* -1: not given */
};

/* A file that the configuration names, open since it was read; or a text that it has itself, or that
 * is in a directory that it names. */
struct hull_source_file {
	const char *path;
	int fd; /* -1: its content is `text` */
	const char *text;
	size_t text_bytes;
	mode_t mode; /* of a text */
	struct hull_source_file *next;
};

struct hull_added_file {
	const struct hull_source_file *source;
	const char *destination; /* absolute path in the image */
	int permissions;	 /* -1: those of the source file without group and other write */
	const char *where;
};

/* A script that is to run in the image while it is made. */
struct hull_config_script {
	const char *member; /* "PostInstallScripts", "FinalizeImageScripts" */
	const char *path, *where;
	const char *const *program; /* of its first line, NULL-terminated */
	const char *body;
	const char *arguments[2]; /* NULL: not given */
};

struct hull_network {
	const char *where, *device;
	bool dhcp, on_boot;
	const char *address, *mask, *gateway;
	struct hull_strv name_servers;
};

/* A unit that the configuration switches on or off, with the reason (Hull's addition "Services").
 */
struct hull_service {
	const char *unit, *reason, *where;
	bool enable;
};

struct hull_identity { /* Hull's addition "Identity": fields of os-release; NULL: the package's */
	const char *id, *name, *version_id, *version, *pretty_name, *variant_id, *home_url,
		*build_id;
};

struct hull_verity {
	bool enable;
	const char *behavior; /* "ignore", "restart" or "panic"; NULL: the kernel's default */
	const char *name;     /* of the device mapper's device; NULL: "root" */
	const char *where;
};

struct hull_image_config {
	struct hull_arena arena;
	const char *path, *directory, *name; /* name: of the file without ".json" */
	char digest[65];		     /* SHA-256 of the file and all files it refers to */

	uint64_t max_size_mib; /* of the disk; 0: as the partitions need */
	struct hull_guid disk_id;
	bool has_disk; /* false: only tar and oci artifacts */
	struct hull_partition *partitions;
	size_t npartitions;
	struct hull_artifact *artifacts;
	size_t nartifacts;

	const char *hostname; /* NULL: none is written */
	bool efi;	      /* BootType "efi"; otherwise "none" */
	struct hull_want *wants;
	size_t nwants;
	struct hull_strv forbidden; /* patterns (fnmatch) of package names */
	const char
		*command_line; /* extra, with what SELinux, CGroup, ... of KernelCommandLine mean */
	struct hull_added_file *files;
	size_t nfiles;
	struct hull_source_file *sources; /* of all files */
	struct hull_account *users;
	size_t nusers;
	struct hull_group *groups;
	size_t ngroups;
	struct hull_network *networks;
	size_t nnetworks;
	struct hull_service *services;
	size_t nservices;
	struct hull_identity identity;
	struct hull_verity verity;
	bool no_docs;	     /* DisableRpmDocs */
	const char *locales; /* OverrideRpmLocales: NULL all, "" none, "en:fr" */
	bool remove_rpm_db;  /* RemoveRpmDb */
	/* Hull's addition "Container": entrypoint, command, environment of an OCI artifact */
	struct hull_strv entrypoint, command, environment;
	const char *working_dir, *user;
	struct hull_config_script *scripts; /* in the order in which they run */
	size_t nscripts;
	struct hull_strv
		warnings; /* of what is done otherwise than it is written, each with its place */
};

void hull_config_fini(struct hull_image_config *c);
