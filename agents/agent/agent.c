#include "agents/agent/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/agent/server.h"
#include "agents/client/client.h"
#include "proto/base/time.h"

#define POLL_MAX_MS \
	1000 /* ZeroMQ's descriptors tell of changes only: never rely on them for long */

struct nrm_agent {
	struct nrm_agent_options options;
	struct nrm_agent_config config;
	struct nrm_identity *identity;
	struct nrm_profile profile;
	bool has_profile;
	int lock; /* held while we run */
	struct nrm_store *store;
	struct nrm_exchange *exchange;
	struct nrm_client *client;
	struct nrm_server *server;
	struct nrm_api api;
	struct nrm_buf in, out; /* frames; `out` waits to be sent while it is not empty */
};

/* Keys and profile: what --check reads too. */
static enum nrm_err read_files(const struct nrm_agent_config *config,
			       struct nrm_identity **ret_identity, struct nrm_profile *profile,
			       char error[static NRM_YAML_ERROR_LEN])
{
	const char *passphrase, *file = config->passphrase[0] ? config->passphrase : NULL;
	struct nrm_identity *identity = NULL;
	struct nrm_buf keep = {0};
	enum nrm_err err = nrm_passphrase_find(file, &keep, &passphrase, error);

	if (err == NRM_OK)
		err = nrm_identity_load(config->keys, passphrase, &identity, error);
	nrm_buf_wipe(&keep);
	if (err)
		return err;
	if (strcmp(identity->id, config->id) != 0 || !identity->signing) {
		snprintf(error, NRM_YAML_ERROR_LEN, "%.300s: keys of another participant than %s",
			 config->keys, config->id);
		err = NRM_ERR_ID;
	}
	if (err == NRM_OK && config->profile[0])
		err = nrm_profile_read(config->profile, profile, error);
	if (err)
		nrm_identity_free(identity);
	else
		*ret_identity = identity;
	return err;
}

enum nrm_err nrm_agent_check(const struct nrm_agent_config *config,
			     char error[static NRM_YAML_ERROR_LEN])
{
	struct nrm_identity *identity;
	struct nrm_profile profile;
	enum nrm_err err = read_files(config, &identity, &profile, error);

	if (err == NRM_OK)
		nrm_identity_free(identity);
	return err;
}

/* Two agents on one spool would send everything twice. */
static enum nrm_err lock_folder(struct nrm_agent *a, char error[static NRM_YAML_ERROR_LEN])
{
	char path[PATH_MAX + 8];

	if (mkdir(a->config.data, 0700) != 0 && errno != EEXIST) {
		snprintf(error, NRM_YAML_ERROR_LEN, "%.300s: %s", a->config.data, strerror(errno));
		return NRM_ERR_IO;
	}
	snprintf(path, sizeof(path), "%s/lock", a->config.data);
	a->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (a->lock < 0 || flock(a->lock, LOCK_EX | LOCK_NB) != 0) {
		snprintf(error, NRM_YAML_ERROR_LEN, "%.300s: %s", path,
			 errno == EWOULDBLOCK ? "another agent runs on this folder"
					      : strerror(errno));
		return errno == EWOULDBLOCK ? NRM_ERR_EXISTS : NRM_ERR_IO;
	}
	return NRM_OK;
}

/*
 * A profile that promises what the directory does not list will only bring refusals: say so at
 * once.
 */
static void compare_profile(struct nrm_agent *a)
{
	const struct nrm_directory *directory = nrm_exchange_directory(a->exchange);
	const struct nrm_participant *self =
		directory ? nrm_directory_find(directory, nrm_slice_str(a->config.id)) : NULL;
	nrm_mask roles, services;
	char text[64];

	if (!a->has_profile)
		return;
	nrm_profile_compare(&a->profile, self, &roles, &services);
	for (uint32_t code = 1; code < 64; code++) {
		if (roles & nrm_bit(code)) {
			snprintf(text, sizeof(text), "role %s",
				 nrm_code_name(NRM_VOCABULARY_ROLE, code));
			a->options.event(a->options.with, "profile_not_in_directory", text, NULL);
		}
		if (services & nrm_bit(code)) {
			snprintf(text, sizeof(text), "service %s",
				 nrm_code_name(NRM_VOCABULARY_SERVICE, code));
			a->options.event(a->options.with, "profile_not_in_directory", text, NULL);
		}
	}
}

static void found(void *with, enum nrm_finding finding, const char *text, const uint8_t *message_id)
{
	struct nrm_agent *a = with;

	a->options.event(a->options.with, nrm_finding_name(finding), text, message_id);
	if (finding == NRM_FOUND_NEW_DIRECTORY)
		compare_profile(a);
}

static enum nrm_err open_spool(struct nrm_agent *a, char error[static NRM_YAML_ERROR_LEN])
{
	struct nrm_exchange_options options = {.identity = a->identity, .found = found, .with = a};
	char path[PATH_MAX + 8];

	snprintf(path, sizeof(path), "%s/spool", a->config.data);
	enum nrm_err err = nrm_spool_open(path, &a->store);
	if (err == NRM_OK && a->options.trust_again)
		err = nrm_exchange_trust_again(a->store);
	memcpy(options.authority, a->config.authority, NRM_KEY_LEN);
	options.store = a->store;
	if (err == NRM_OK)
		err = nrm_exchange_new(&options, &a->exchange);
	if (err)
		snprintf(error, NRM_YAML_ERROR_LEN, "%.300s: %s%s", path,
			 err == NRM_ERR_ID ? "spool of another participant: " : "",
			 nrm_err_text(err));
	return err;
}

static enum nrm_err open_doors(struct nrm_agent *a, char error[static NRM_YAML_ERROR_LEN])
{
	struct nrm_client_options options = {.endpoint = a->config.endpoint};

	memcpy(options.broker, a->config.broker, NRM_KEY_LEN);
	memcpy(options.transport, a->identity->transport, NRM_KEY_LEN);
	enum nrm_err err = nrm_client_new(&options, nrm_time_monotonic_ms(), &a->client);
	nrm_wipe(options.transport, NRM_KEY_LEN);
	if (err) {
		snprintf(error, NRM_YAML_ERROR_LEN, "broker.endpoint: %s: %s", a->config.endpoint,
			 nrm_err_text(err));
		return err;
	}
	err = nrm_server_open(a->config.socket, &a->server);
	if (err)
		snprintf(error, NRM_YAML_ERROR_LEN, "%.300s: cannot listen: %s", a->config.socket,
			 strerror(errno));
	return err;
}

enum nrm_err nrm_agent_open(const struct nrm_agent_options *options, struct nrm_agent **ret_agent,
			    char error[static NRM_YAML_ERROR_LEN])
{
	struct nrm_agent *a = calloc(1, sizeof(*a));

	if (!a) {
		snprintf(error, NRM_YAML_ERROR_LEN, "%s", nrm_err_text(NRM_ERR_NOMEM));
		return NRM_ERR_NOMEM;
	}
	a->options = *options;
	a->config = *options->config;
	a->has_profile = a->config.profile[0] != '\0';
	a->lock = -1;
	enum nrm_err err = read_files(&a->config, &a->identity, &a->profile, error);
	if (err == NRM_OK)
		err = lock_folder(a, error);
	if (err == NRM_OK)
		err = open_spool(a, error);
	if (err == NRM_OK)
		err = open_doors(a, error);
	if (err) {
		nrm_agent_close(a);
		return err;
	}
	a->api = (struct nrm_api){.store = a->store,
				  .identity = a->identity,
				  .exchange = a->exchange,
				  .profile = a->has_profile ? &a->profile : NULL};
	compare_profile(a);
	*ret_agent = a;
	return NRM_OK;
}

void nrm_agent_close(struct nrm_agent *a)
{
	if (!a)
		return;
	nrm_server_close(a->server);
	nrm_client_free(a->client);
	nrm_exchange_free(a->exchange);
	nrm_store_close(a->store);
	nrm_identity_free(a->identity);
	nrm_buf_done(&a->in);
	nrm_buf_done(&a->out);
	if (a->lock >= 0)
		close(a->lock);
	free(a);
}

static void disconnected(struct nrm_agent *a, const char *why)
{
	if (a->api.connected)
		a->options.event(a->options.with, "disconnected", why, NULL);
	a->api.connected = false;
	nrm_exchange_disconnected(a->exchange);
	nrm_buf_clear(&a->out);
}

/* What happened to the connection; true when something did. */
static bool follow_connection(struct nrm_agent *a, uint64_t monotonic_ms)
{
	switch (nrm_client_step(a->client, monotonic_ms)) {
	case NRM_CLIENT_FRESH:
		disconnected(a, "a new connection");
		nrm_exchange_connected(a->exchange);
		a->api.connected = true;
		a->options.event(a->options.with, "connected", a->config.endpoint, NULL);
		return true;
	case NRM_CLIENT_LOST:
		disconnected(a, "lost");
		return true;
	default:
		return false;
	}
}

static void drop(struct nrm_agent *a, uint64_t monotonic_ms, enum nrm_err why)
{
	/* Before this broker is believed no more, the coordinators are told by it, if it will. */
	if (nrm_exchange_distrusts(a->exchange)) {
		nrm_buf_clear(&a->out);
		if (nrm_exchange_next(a->exchange, nrm_time_now_ms(), &a->out) == NRM_OK &&
		    nrm_client_send(a->client, nrm_buf_slice(&a->out)) == NRM_OK)
			nrm_client_linger(a->client);
	}
	nrm_client_drop(a->client, monotonic_ms);
	disconnected(a, nrm_err_text(why));
}

static bool receive_some(struct nrm_agent *a, uint64_t now_ms, uint64_t monotonic_ms)
{
	bool any = false;

	while (nrm_client_recv(a->client, &a->in) == NRM_OK) {
		enum nrm_err err = nrm_exchange_receive(a->exchange, nrm_buf_slice(&a->in), now_ms);

		any = true;
		if (err) {
			drop(a, monotonic_ms, err);
			break;
		}
	}
	return any;
}

static bool send_some(struct nrm_agent *a, uint64_t now_ms, uint64_t monotonic_ms)
{
	bool any = false;

	while (nrm_client_connected(a->client)) {
		if (a->out.len == 0) {
			enum nrm_err err = nrm_exchange_next(a->exchange, now_ms, &a->out);

			if (err == NRM_ERR_AGAIN)
				break;
			if (err) {
				drop(a, monotonic_ms, err);
				break;
			}
		}
		if (nrm_client_send(a->client, nrm_buf_slice(&a->out)) != NRM_OK)
			break;
		nrm_buf_clear(&a->out);
		any = true;
	}
	return any;
}

/* Moves everything on until nothing moves. */
static void work(struct nrm_agent *a)
{
	bool moved = true;

	while (moved) {
		uint64_t now_ms = nrm_time_now_ms(), monotonic_ms = nrm_time_monotonic_ms();

		moved = false;
		if (!nrm_exchange_distrusts(a->exchange)) {
			moved |= follow_connection(a, monotonic_ms);
			moved |= receive_some(a, now_ms, monotonic_ms);
			moved |= send_some(a, now_ms, monotonic_ms);
		}
		moved |= nrm_server_step(a->server, &a->api, now_ms, monotonic_ms);
	}
}

static int least(int a, int b)
{
	return b < 0 || a < b ? a : b;
}

enum nrm_err nrm_agent_run(struct nrm_agent *a, int stop_fd)
{
	struct pollfd fds[1 + NRM_CLIENT_FDS + NRM_SERVER_FDS];

	for (;;) {
		work(a);
		nrm_exchange_watch(a->exchange, nrm_time_now_ms());
		uint64_t monotonic_ms = nrm_time_monotonic_ms();
		uint64_t due = nrm_exchange_due(a->exchange, nrm_time_now_ms());
		int n = 0, timeout = POLL_MAX_MS;

		fds[n++] = (struct pollfd){.fd = stop_fd, .events = POLLIN};
		if (!nrm_exchange_distrusts(a->exchange)) {
			n += nrm_client_fds(a->client, fds + n);
			timeout = least(timeout, nrm_client_timeout(a->client, monotonic_ms));
		}
		n += nrm_server_fds(a->server, fds + n);
		timeout = least(timeout, nrm_server_timeout(a->server, monotonic_ms));
		if (due < (uint64_t)timeout)
			timeout = (int)due;
		if (poll(fds, (nfds_t)n, timeout) < 0 && errno != EINTR)
			return NRM_ERR_IO;
		if (fds[0].revents)
			return NRM_OK;
	}
}
