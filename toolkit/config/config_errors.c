// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"
#include "config/config_document.h"
#include "config/config_field.h"

/* All errors of a configuration, warnings, and the names of what others write and Hull does not. */

void hull_config_note(struct hull_config_reader *r, struct hull_err *e)
{
	hull_assert(e->msg || hull_config_noted(r));
	if (e->msg && r->errors->n < HULL_CONFIG_ERRORS)
		hull_strv_add(r->errors, e->msg);
	else if (e->msg)
		r->nleft++;
	*e = (struct hull_err){.code = e->code};
}

bool hull_config_noted(const struct hull_config_reader *r)
{
	return r->errors->n > 0;
}

void hull_config_warn(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
		      const char *fmt, ...)
{
	unsigned line, column;
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	hull_ignore(hull_vshow(text, sizeof text, fmt, ap));
	va_end(ap);
	hull_jsonpos_place(v, v->key != NULL, &line, &column);
	hull_strv_add(&r->c->warnings, hull_arena_printf(&r->c->arena, "%s:%u:%u: %s", v->doc->path,
							 line, column, text));
}

bool hull_config_member(const struct hull_jsonpos_value *object, const char *key,
			struct hull_jsonpos_value *out)
{
	struct hull_jsonpos_value m;

	if (hull_jsonpos_member(object, key, out))
		return true;
	for (bool more = json_is_object(object->json) && hull_jsonpos_first(object, &m); more;
	     more = hull_jsonpos_next(&m))
		if (!strcasecmp(m.key, key)) {
			*out = m;
			return true;
		}
	return false;
}

struct unsupported {
	const char *name, *reason;
};

static const char *find(const struct unsupported *v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcasecmp(v[i].name, name))
			return v[i].reason;
	return NULL;
}

#define FILE_SYSTEM                                                                                \
	"a file system by itself is not written; raw, with one partition, has it at 1 MiB"
#define DIFFERENCE "differences to another image are not written"
#define DOCKER                                                                                     \
	"a docker archive is not written; oci is, which podman load and skopeo copy oci-archive: take"

const char *hull_config_unsupported_type(const char *type)
{
	static const struct unsupported types[] = {
		{"vmdk", "VMDK (VMware) is not written; qcow2, vhdx and raw are, which qemu-img "
			 "convert makes one of"},
		{"vdi", "VDI (VirtualBox) is not written; VirtualBox takes vhd"},
		{"ova", "OVA (a virtual appliance, with a VMDK) is not written; vhdx, vhd, qcow2 "
			"and raw are"},
		{"ovf", "OVF (a virtual appliance) is not written; vhdx, vhd, qcow2 and raw are"},
		{"iso",
		 "ISO (a medium of an installer) is not written; Hull writes disks that boot"},
		{"pxe-tar",
		 "an archive for booting over the network is not written; tar has the root "
		 "file system"},
		{"pxe-dir", "a directory for booting over the network is not written; tar has the "
			    "root file system"},
		{"initrd",
		 "an initramfs is not written: the kernels of images start without one; tar "
		 "has the root file system"},
		{"docker", DOCKER},
		{"docker-archive", DOCKER},
		{"oci-dir",
		 "an OCI directory is not written; oci is the same in an archive, which tar "
		 "unpacks"},
		{"ext4", FILE_SYSTEM},
		{"xfs", FILE_SYSTEM},
		{"btrfs", FILE_SYSTEM},
		{"squashfs", FILE_SYSTEM},
		{"erofs", FILE_SYSTEM},
		{"cosi",
		 "COSI (partitions of Azure Linux' Image Customizer) is not written; raw with "
		 "Compression zst is near to it"},
		{"diff", DIFFERENCE},
		{"rdiff", DIFFERENCE},
		{"overlay", DIFFERENCE},
	};

	return find(types, sizeof types / sizeof *types, type);
}

const char *hull_config_unsupported_compression(const char *compression)
{
	static const struct unsupported names[] = {
		{"bz2", "bzip2 is not written"},     {"bzip2", "bzip2 is not written"},
		{"tar.bz2", "bzip2 is not written"}, {"lz4", "LZ4 is not written"},
		{"lzma", "LZMA is not written"},     {"lzo", "LZO is not written"},
		{"br", "Brotli is not written"},     {"zip", "ZIP is not written"},
		{"7z", "7z is not written"},	     {"tar.zst", "for a tar, Compression is zst"},
		{"zstd", "it is spelled zst"},	     {"gzip", "it is spelled gz"},
	};

	return find(names, sizeof names / sizeof *names, compression);
}

static bool has_yaml_line(const char *text)
{
	for (const char *line = text; line; line = strchr(line, '\n')) {
		size_t n;

		line += *line == '\n';
		n = strspn(line,
			   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
		if (!strncmp(line, "---", 3) ||
		    (n && line[n] == ':' && strchr(" \r\n", line[n + 1])))
			return true;
	}
	return false;
}

bool hull_config_is_yaml(const char *path)
{
	enum { MANY = 1 << 20 };
	hull_autobuf struct hull_buf text = {0};
	const char *start;

	if (hull_ends(path, ".yaml") || hull_ends(path, ".yml"))
		return true;
	if (hull_file_read_most(AT_FDCWD, path, MANY, &text, NULL) < 0 || !text.n)
		return false;
	start = text.p + strspn(text.p, " \t\r\n");
	return *start != '{' && *start != '[' && has_yaml_line(text.p);
}
