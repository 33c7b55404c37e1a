/*
 * nrm-brokerd: the central broker. Wiring only: configuration, keys, directory, policy and books are loaded and held against
 * each other, then the door opens. SIGHUP reads directory and policy again; SIGTERM and SIGINT stop.
 */
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/config.h"
#include "broker/documents.h"
#include "broker/door/core.h"
#include "broker/signer/remote.h"
#include "proto/base/daemon.h"
#include "proto/base/file.h"
#include "proto/base/hex.h"
#include "proto/base/notify.h"
#include "proto/base/time.h"
#include "proto/crypto/keyfile.h"
#include "proto/directory/identity.h"
#include "proto/trail/trail.h"

#define PROGRAM	  "nrm-brokerd"
#define ERROR_LEN NRM_YAML_ERROR_LEN

const char *argp_program_version = PROGRAM " 0.1.0";

struct broker {
	struct nrm_broker_config config;
	struct nrm_identity *identity;
	struct nrm_broker_documents documents;
	struct nrm_local_signer *local;	  /* the key is here */
	struct nrm_remote_signer *remote; /* or in a process of its own */
	struct nrm_signer signer;
	struct nrm_books *books;
	struct nrm_door *door;
	bool runs; /* its number is in the data folder */
	char error[ERROR_LEN];
};

static const char doc[] = "The central broker: takes sealed referrals from agencies, decides, "
			  "forwards, and keeps the trail.";

/* Memory and descriptors are for many connections. */
static void set_limits(void)
{
	struct rlimit files;

	/* Frames come and go by the megabyte: keep their memory instead of mapping it anew each time, but not for each thread. */
	mallopt(M_MMAP_THRESHOLD, 4 << 20);
	mallopt(M_TRIM_THRESHOLD, 8 << 20);
	mallopt(M_ARENA_MAX, 2);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max; /* a connection takes a descriptor */
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static enum nrm_err fail(struct broker *b, enum nrm_err err, const char *path, const char *why)
{
	snprintf(b->error, sizeof(b->error), "%.480s: %.256s", path, why);
	return err;
}

/* Calls `then` with the passphrase of the key files, or NULL when they have none. */
static enum nrm_err with_passphrase(struct broker *b,
				    enum nrm_err (*then)(struct broker *b, const char *passphrase))
{
	const char *file = b->config.passphrase[0] ? b->config.passphrase : NULL, *passphrase;
	struct nrm_buf keep = {0};
	enum nrm_err err = nrm_passphrase_find(file, &keep, &passphrase, b->error);

	if (err == NRM_OK)
		err = then(b, passphrase);
	nrm_buf_wipe(&keep);
	return err;
}

static enum nrm_err load_keys(struct broker *b, const char *passphrase)
{
	enum nrm_err err = nrm_identity_load(b->config.keys, passphrase, &b->identity, b->error);

	if (err == NRM_OK && b->identity->signing)
		err = fail(b, NRM_ERR_NOT_FOUND, b->config.keys,
			   "these are an agency's keys, not the broker's");
	return err;
}

static void report(enum nrm_log_level level, const char *event, const char *pairs)
{
	nrm_log(level, event, "%s", pairs);
}

/* The signer of checkpoints in a process of its own. It is met when the books are opened, and need not be there. */
static enum nrm_err load_remote_signer(struct broker *b)
{
	const struct nrm_remote_signer_options signer = {
		.path = b->config.signer,
		.key = *nrm_directory_log_key(b->documents.in_force.directory),
		.report = report,
	};
	enum nrm_err err = nrm_remote_signer_new(&signer, &b->remote);

	if (err != NRM_OK)
		return fail(b, err, b->config.signer, nrm_err_text(err));
	b->signer = nrm_remote_signer_interface(b->remote);
	if (b->identity->trail)
		nrm_log(NRM_LOG_WARNING, "trail_key_here",
			"hint=\"the signer has it: take trail.pem out of the broker's keys\"");
	return NRM_OK;
}

/* The signer in this process, by the name that the directory gives the trail. */
static enum nrm_err load_local_signer(struct broker *b, const char *passphrase)
{
	char path[PATH_MAX + sizeof("/trail.pem")];
	uint8_t seed[NRM_KEY_LEN];

	snprintf(path, sizeof(path), "%s/trail.pem", b->config.keys);
	enum nrm_err err = nrm_keyfile_read(path, NRM_ED25519, passphrase, seed);
	if (err == NRM_OK)
		err = nrm_local_signer_new(
			nrm_directory_log_key(b->documents.in_force.directory)->name, seed,
			&b->local);
	nrm_wipe(seed, sizeof(seed));
	if (err != NRM_OK)
		return fail(b, err, path, nrm_err_text(err));
	b->signer = nrm_local_signer_interface(b->local);
	return NRM_OK;
}

static enum nrm_err load(struct broker *b)
{
	enum nrm_err err = with_passphrase(b, load_keys);

	b->documents.config = &b->config;
	b->documents.identity = b->identity;
	if (err == NRM_OK)
		err = nrm_documents_load(&b->documents, b->error);
	if (err != NRM_OK)
		return err;
	return b->config.signer[0] ? load_remote_signer(b) : with_passphrase(b, load_local_signer);
}

static atomic_bool must_stop;

/* The books are damaged, or older than a head that an agent or the signer has: nothing may be added to them. */
static void stop(void)
{
	atomic_store(&must_stop, true);
	kill(getpid(), SIGTERM);
}

static enum nrm_err open_books(struct broker *b)
{
	const struct nrm_books_options books = {
		.folder = b->config.data,
		.map_bytes = b->config.map_bytes,
		.reserve_bytes = b->config.reserve_bytes,
		.policy = b->documents.in_force.policy,
		.directory = b->documents.in_force.directory,
		.signer = &b->signer,
	};
	struct nrm_books_figures figures;
	uint8_t entropy[32];
	char why[256];

	if (b->remote)
		nrm_remote_signer_meet(b->remote);
	nrm_random(entropy, sizeof(entropy));
	enum nrm_err err = nrm_books_open(&books, nrm_time_now_ms(), entropy, &b->books, why);
	nrm_wipe(entropy, sizeof(entropy));
	if (err != NRM_OK)
		return fail(b, err, b->config.data, why);
	nrm_books_figures(b->books, &figures);
	if (figures.indexed)
		nrm_log(NRM_LOG_INFO, "case_index_made", "cases=%llu",
			(unsigned long long)figures.indexed);
	return NRM_OK;
}

static enum nrm_err open_door(struct broker *b)
{
	struct nrm_door_options door = {
		.n_listen = b->config.n_listen,
		.directory = b->documents.in_force.directory,
		.workers = b->config.verify_threads,
		.tick_seconds = b->config.checkpoint_seconds,
		.core = nrm_core_of_books(b->books),
		.report = report,
		.stop = stop,
	};
	const char *listen[NRM_MAX_LISTEN];
	char why[256];

	for (size_t i = 0; i < door.n_listen; i++)
		listen[i] = b->config.listen[i];
	door.listen = listen;
	memcpy(door.secret, b->identity->transport, NRM_KEY_LEN);
	enum nrm_err err = nrm_door_open(&door, &b->door, why);
	nrm_wipe(door.secret, sizeof(door.secret));
	if (err != NRM_OK)
		snprintf(b->error, sizeof(b->error), "%s", why);
	return err;
}

static enum nrm_err adopt(void *with, const struct nrm_documents *documents)
{
	return nrm_door_adopt(((struct broker *)with)->door, documents);
}

/* A file in the data folder, for who administers the broker; that it cannot be written is logged and no more. */
static void write_file(struct broker *b, const char *name, struct nrm_slice text)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/%s", b->config.data, name);
	if (nrm_file_replace(path, 0600, text) != NRM_OK)
		nrm_log(NRM_LOG_ERROR, "file_not_written", "file=%s", name);
}

static void warn_of_unsigned(struct broker *b)
{
	if (!nrm_policy_is_signed(b->documents.in_force.policy))
		nrm_log(NRM_LOG_WARNING, "policy_unsigned",
			"hint=\"for tests only: agencies are not handed it\"");
}

/* Logs what a reload came to and adds its line to `outcome`. */
static void tell(struct broker *b, const char *what, enum nrm_err err, bool changed,
		 const char *in_force, struct nrm_buf *outcome)
{
	char now[NRM_TIME_TEXT_LEN + 1], event[32], line[ERROR_LEN + 128];

	nrm_time_format(nrm_time_now_ms(), now);
	snprintf(event, sizeof(event), "%s%s", what,
		 err != NRM_OK ? "_refused"
		 : changed     ? ""
			       : "_unchanged");
	if (err == NRM_OK)
		nrm_log(NRM_LOG_INFO, event, "%s", in_force);
	else
		nrm_log(NRM_LOG_ERROR, event, "error=\"%s\"", b->error);
	snprintf(line, sizeof(line), "%s %s %s %s%s\n", now, err == NRM_OK ? "good" : "refused",
		 what, err == NRM_OK ? in_force : b->error,
		 err != NRM_OK || changed ? "" : ", as before");
	nrm_buf_put(outcome, line, strlen(line));
}

static void reload(struct broker *b)
{
	struct nrm_broker_documents *d = &b->documents;
	char in_force[128], digest[2 * NRM_HASH_LEN + 1];
	struct nrm_buf outcome = {0};
	bool changed = false;

	enum nrm_err err = nrm_documents_reload_directory(d, adopt, b, &changed, b->error);
	snprintf(in_force, sizeof(in_force), "version=%llu",
		 (unsigned long long)nrm_directory_version(d->in_force.directory));
	tell(b, "directory", err, changed, in_force, &outcome);

	changed = false;
	err = nrm_documents_reload_policy(d, adopt, b, &changed, b->error);
	const struct nrm_policy *rules = d->in_force.policy->rules;
	nrm_hex(rules->digest, NRM_HASH_LEN, digest);
	snprintf(in_force, sizeof(in_force), "version=%llu digest=%s",
		 (unsigned long long)rules->version, digest);
	tell(b, "policy", err, changed, in_force, &outcome);
	warn_of_unsigned(b);

	write_file(b, NRM_BROKER_RELOAD, nrm_buf_slice(&outcome));
	nrm_buf_done(&outcome);
}

/* From now on `nrm policy reload` finds us. */
static void write_pid(struct broker *b)
{
	char pid[32];

	snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	write_file(b, NRM_BROKER_PID, nrm_slice_str(pid));
	b->runs = true;
}

static void remove_pid(struct broker *b)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/" NRM_BROKER_PID, b->config.data);
	if (b->runs)
		unlink(path);
}

static void serve(struct broker *b, const sigset_t *signals)
{
	int signal = 0;

	write_pid(b);
	warn_of_unsigned(b);
	for (size_t i = 0; i < b->config.n_listen; i++)
		nrm_log(NRM_LOG_INFO, "ready", "endpoint=%s", nrm_door_endpoint(b->door, i));
	nrm_notify("READY=1");
	while (sigwait(signals, &signal) == 0 && signal == SIGHUP)
		reload(b);
	nrm_notify("STOPPING=1");
	nrm_log(NRM_LOG_INFO, "stopping", "signal=%d", signal);
}

static void broker_done(struct broker *b)
{
	remove_pid(b);
	nrm_door_close(b->door);
	nrm_books_close(b->books);
	nrm_local_signer_free(b->local);
	nrm_remote_signer_free(b->remote);
	nrm_documents_done(&b->documents);
	nrm_identity_free(b->identity);
	nrm_crypto_thread_done();
}

int main(int argc, char **argv)
{
	struct broker b = {.runs = false};
	struct nrm_daemon daemon;
	sigset_t signals;
	enum nrm_err err;

	nrm_daemon_seal();
	set_limits();
	nrm_daemon_options(argc, argv, doc, &daemon);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals,
		    NULL); /* before any thread, so that only sigwait() takes them */
	err = nrm_crypto_init();
	if (err != NRM_OK)
		fail(&b, err, "OpenSSL", nrm_err_text(err));
	else
		err = nrm_broker_config_read(daemon.config, &b.config, b.error);
	if (err == NRM_OK) {
		nrm_log_open(PROGRAM, b.config.log_level);
		err = load(&b);
	}
	if (err == NRM_OK && !daemon.check) {
		err = open_books(&b);
		if (err == NRM_OK)
			err = open_door(&b);
		if (err == NRM_OK)
			serve(&b, &signals);
		if (atomic_load(&must_stop))
			err = fail(&b, NRM_ERR_CORRUPT, b.config.data,
				   "damaged, or older than a signed head of this trail that an "
				   "agent or the signer has; "
				   "see broker/README.md, \"When the broker stops by itself\"");
	}
	if (err != NRM_OK)
		fprintf(stderr, PROGRAM ": %s\n", b.error);
	else if (daemon.check)
		puts("good");
	broker_done(&b);
	return err == NRM_OK ? 0 : 2;
}
