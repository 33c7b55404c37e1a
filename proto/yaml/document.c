#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/limits.h"
#include "proto/yaml/node.h"

void nrm_yaml_init(struct nrm_yaml *yaml)
{
	*yaml = (struct nrm_yaml){.name = "(yaml)"};
	nrm_arena_init(&yaml->arena, NRM_MAX_YAML_MEMORY);
	nrm_buf_init(&yaml->bytes);
}

/* A referral file holds a person's data: what we keep of it is wiped. */
void nrm_yaml_done(struct nrm_yaml *yaml)
{
	nrm_buf_wipe(&yaml->bytes);
	nrm_arena_done(&yaml->arena);
	yaml->root = NULL;
	yaml->name = "(yaml)";
}

static enum nrm_err set_name(struct nrm_yaml *yaml, const char *name)
{
	const char *copy = nrm_arena_copy(&yaml->arena, name, strlen(name));

	if (!copy)
		return nrm_yaml_out_of_memory(yaml);
	yaml->name = copy;
	return NRM_OK;
}

static enum nrm_err load(struct nrm_yaml *yaml)
{
	if (yaml->bytes.err != NRM_OK)
		return nrm_yaml_out_of_memory(yaml);
	if (yaml->bytes.len > NRM_MAX_YAML)
		return nrm_yaml_report(yaml, NRM_ERR_LIMIT, (struct nrm_yaml_mark){0}, "",
				       "expected at most %u bytes", NRM_MAX_YAML);
	if (yaml->bytes.len >= 3 && memcmp(yaml->bytes.data, "\xef\xbb\xbf", 3) == 0)
		return nrm_yaml_report(yaml, NRM_ERR_FORMAT, (struct nrm_yaml_mark){1, 1}, "",
				       "expected UTF-8 without a byte order mark");
	return nrm_yaml_read_events(yaml);
}

/* Reads at most one byte more than is allowed, whatever the file is. */
static enum nrm_err read_all(int fd, struct nrm_buf *buf)
{
	while (buf->len <= NRM_MAX_YAML) {
		size_t want = NRM_MAX_YAML + 1 - buf->len;
		size_t chunk = want < 65536 ? want : 65536;
		uint8_t *p = nrm_buf_grow(buf, chunk);
		if (!p)
			return buf->err;
		ssize_t got = read(fd, p, chunk);
		buf->len -= chunk - (got > 0 ? (size_t)got : 0);
		if (got == 0)
			return NRM_OK;
		if (got < 0 && errno != EINTR)
			return NRM_ERR_IO;
	}
	return NRM_OK;
}

enum nrm_err nrm_yaml_load_file(struct nrm_yaml *yaml, const char *path)
{
	enum nrm_err err = set_name(yaml, path);
	if (err != NRM_OK)
		return err;

	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		err = read_all(fd, &yaml->bytes);
	else
		err = errno == ENOENT || errno == ENOTDIR ? NRM_ERR_NOT_FOUND : NRM_ERR_IO;
	if (err == NRM_ERR_NOT_FOUND || err == NRM_ERR_IO)
		nrm_yaml_report(yaml, err, (struct nrm_yaml_mark){0}, "", "cannot be read: %s",
				strerror(errno));
	else
		err = load(yaml);
	if (fd >= 0)
		close(fd);
	return err;
}

enum nrm_err nrm_yaml_load_bytes(struct nrm_yaml *yaml, const char *name, struct nrm_slice bytes)
{
	enum nrm_err err = set_name(yaml, name);

	if (err != NRM_OK)
		return err;
	nrm_buf_put(&yaml->bytes, bytes.data, bytes.len);
	return load(yaml);
}

const char *nrm_yaml_at(struct nrm_yaml *yaml, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(yaml->at, sizeof(yaml->at), format, args);
	va_end(args);
	return yaml->at;
}

void nrm_yaml_path(const struct nrm_yaml_node *node, char out[static NRM_YAML_PATH_LEN])
{
	if (!node->parent) {
		out[0] = '\0';
		return;
	}
	nrm_yaml_path(node->parent, out);

	size_t len = strlen(out);
	if (node->key)
		snprintf(out + len, NRM_YAML_PATH_LEN - len, "%s%s", len ? "." : "", node->key);
	else
		snprintf(out + len, NRM_YAML_PATH_LEN - len, "[%u]", node->index);
	for (char *c = out + len; *c; c++) /* for people to read: no escape sequences */
		if (*c < ' ' || *c > '~')
			*c = '?';
}

/*
 * How much of `path` names this child: its key or "[index]", and the dot after it. 0 when it does
 * not.
 */
static size_t names_child(const struct nrm_yaml_node *child, const char *path)
{
	char step[16];
	const char *name = child->key;

	if (!name) {
		snprintf(step, sizeof(step), "[%u]", child->index);
		name = step;
	}
	size_t len = strlen(name);
	if (strncmp(path, name, len) != 0)
		return 0;
	if (path[len] == '.')
		return len + 1;
	return path[len] == '[' || path[len] == '\0' ? len : 0;
}

/*
 * The node of a path, or the last one on the way to it. A key may have dots in it: the longest one
 * counts.
 */
static const struct nrm_yaml_node *find(const struct nrm_yaml_node *node, const char *path,
					bool *ret_found)
{
	while (*path) {
		const struct nrm_yaml_node *next = NULL;
		size_t longest = 0;
		for (const struct nrm_yaml_node *c = node->first; c; c = c->next) {
			size_t len = names_child(c, path);
			if (len > longest) {
				longest = len;
				next = c;
			}
		}
		if (!next)
			break;
		node = next;
		path += longest;
	}
	*ret_found = *path == '\0';
	return node;
}

struct nrm_yaml_mark nrm_yaml_mark(const struct nrm_yaml_node *node)
{
	return node->key && node->kind != NRM_YAML_TEXT ? node->key_at : node->value_at;
}

enum nrm_err nrm_yaml_position(const struct nrm_yaml *yaml, const char *path, uint32_t *ret_line,
			       uint32_t *ret_column)
{
	bool found = false;

	if (!yaml->root)
		return NRM_ERR_ARGUMENT;
	struct nrm_yaml_mark mark = nrm_yaml_mark(find(yaml->root, path, &found));
	*ret_line = mark.line;
	*ret_column = mark.column;
	return found ? NRM_OK : NRM_ERR_NOT_FOUND;
}

/*
 * One line of a terminal: a word of the document may be quoted in it, and a word of the document may be anything.
 */
static void set_error(struct nrm_yaml *yaml, struct nrm_yaml_mark mark, const char *path,
		      const char *text)
{
	const size_t name_len = strlen(yaml->name);
	char where[32] = "";

	if (mark.line)
		snprintf(where, sizeof(where), "%u:%u:", mark.line, mark.column);
	snprintf(yaml->error, sizeof(yaml->error), "%s:%s %s%s%s", yaml->name, where, path,
		 *path ? ": " : "", text);
	for (size_t i = 0; yaml->error[i]; i++) {
		const unsigned char c = (unsigned char)yaml->error[i];
		if (c < ' ' || c == 0x7f || (c > 0x7f && i >= name_len))
			yaml->error[i] = '?';
	}
}

enum nrm_err nrm_yaml_report(struct nrm_yaml *yaml, enum nrm_err err, struct nrm_yaml_mark mark,
			     const char *path, const char *format, ...)
{
	char text[NRM_YAML_ERROR_LEN];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	set_error(yaml, mark, path, text);
	return err;
}

enum nrm_err nrm_yaml_reject(struct nrm_yaml *yaml, enum nrm_err err,
			     const struct nrm_yaml_node *node, const char *format, ...)
{
	char text[NRM_YAML_ERROR_LEN], path[NRM_YAML_PATH_LEN];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	nrm_yaml_path(node, path);
	set_error(yaml, nrm_yaml_mark(node), path, text);
	return err;
}

enum nrm_err nrm_yaml_fail(struct nrm_yaml *yaml, const char *path, const char *format, ...)
{
	char text[NRM_YAML_ERROR_LEN];
	struct nrm_yaml_mark mark = {0};
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (nrm_yaml_position(yaml, path, &mark.line, &mark.column) == NRM_ERR_ARGUMENT)
		mark = (struct nrm_yaml_mark){0};
	set_error(yaml, mark, path, text);
	return NRM_ERR_FORMAT;
}

enum nrm_err nrm_yaml_out_of_memory(struct nrm_yaml *yaml)
{
	return nrm_yaml_report(yaml, NRM_ERR_NOMEM, (struct nrm_yaml_mark){0}, "", "out of memory");
}

const char *nrm_yaml_error(const struct nrm_yaml *yaml)
{
	return yaml->error;
}
