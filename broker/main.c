/*
 * nrm-brokerd: the central broker. Wiring only: configuration, keys, directory, policy and books are loaded and held against
 * each other, then the door opens. SIGHUP reads the directory again; SIGTERM and SIGINT stop.
 */
#include <argp.h>
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/config.h"
#include "broker/door/core.h"
#include "broker/policy/policy_file.h"
#include "proto/base/notify.h"
#include "proto/base/time.h"
#include "proto/crypto/keyfile.h"
#include "proto/directory/identity.h"

#define PROGRAM	  "nrm-brokerd"
#define ERROR_LEN NRM_YAML_ERROR_LEN

const char *argp_program_version = PROGRAM " 0.1.0";

struct arguments {
	const char *config;
	bool check;
};

struct broker {
	struct nrm_broker_config config;
	struct nrm_identity *identity;
	struct nrm_policy *policy;
	struct nrm_directory *
		*directory; /* every one that was ever in force here; the last one is */
	size_t n_directories;
	struct nrm_local_signer *local;
	struct nrm_signer signer;
	struct nrm_books *books;
	struct nrm_door *door;
	char error[ERROR_LEN];
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'c':
		a->config = arg;
		return 0;
	case 'k':
		a->check = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "no arguments are expected");
		return EINVAL;
	case ARGP_KEY_END:
		if (!a->config)
			argp_error(state, "--config FILE is needed");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{"config", 'c', "FILE", 0, "configuration (config/broker.yaml is an example)", 0},
	{"check", 'k', NULL, 0,
	 "read configuration, keys, directory and policy, say whether they are good, and end", 0},
	{NULL, 0, NULL, 0, NULL, 0},
};
static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "The central broker: takes sealed referrals from agencies, decides, forwards, and "
	       "keeps the trail.",
};

/* No secret may end in a file that others could read; memory and descriptors are for many connections. */
static void set_limits(void)
{
	static const struct rlimit none = {0, 0};
	struct rlimit files;

	umask(077);
	/* Frames come and go by the megabyte: keep their memory instead of mapping it anew each time, but not for each thread. */
	mallopt(M_MMAP_THRESHOLD, 4 << 20);
	mallopt(M_TRIM_THRESHOLD, 8 << 20);
	mallopt(M_ARENA_MAX, 2);
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
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

/* The directory has to be the one that speaks of this broker. */
static enum nrm_err check_directory(struct broker *b, const struct nrm_directory *d)
{
	const struct nrm_broker_config *c = &b->config;
	uint8_t trail[NRM_KEY_LEN];

	nrm_signing_key_public(b->identity->trail, trail);
	if (!nrm_slice_equal(nrm_directory_broker_id(d), nrm_slice_str(c->id)))
		return fail(b, NRM_ERR_ID, c->directory, "its broker has another id than this one");
	if (memcmp(nrm_directory_broker_key(d), b->identity->transport_public, NRM_KEY_LEN) != 0)
		return fail(b, NRM_ERR_KEY, c->directory,
			    "its broker has another transport key than transport.secret");
	if (memcmp(nrm_directory_log_key(d)->public_key, trail, NRM_KEY_LEN) != 0)
		return fail(b, NRM_ERR_KEY, c->directory,
			    "its trail has another key than trail.pem");
	return NRM_OK;
}

static enum nrm_err load_directory(struct broker *b, struct nrm_directory **ret_directory)
{
	struct nrm_directory *d = NULL;
	char why[256];
	enum nrm_err err = nrm_directory_read(b->config.directory, b->config.authority, &d, why);

	if (err != NRM_OK)
		return fail(b, err, "directory", why);
	err = check_directory(b, d);
	if (err == NRM_OK)
		*ret_directory = d;
	else
		nrm_directory_free(d);
	return err;
}

static enum nrm_err keep_directory(struct broker *b, struct nrm_directory *d)
{
	struct nrm_directory **more =
		reallocarray(b->directory, b->n_directories + 1, sizeof(*more));

	if (!more) {
		nrm_directory_free(d);
		return fail(b, NRM_ERR_NOMEM, b->config.directory, nrm_err_text(NRM_ERR_NOMEM));
	}
	b->directory = more;
	b->directory[b->n_directories++] = d;
	return NRM_OK;
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

	if (err == NRM_OK && !b->identity->trail)
		err = fail(b, NRM_ERR_NOT_FOUND, b->config.keys,
			   "these are an agency's keys, not the broker's");
	return err;
}

/* The signer of checkpoints, by the name that the directory gives the trail. */
static enum nrm_err load_signer(struct broker *b, const char *passphrase)
{
	char path[PATH_MAX + sizeof("/trail.pem")];
	uint8_t seed[NRM_KEY_LEN];

	snprintf(path, sizeof(path), "%s/trail.pem", b->config.keys);
	enum nrm_err err = nrm_keyfile_read(path, NRM_ED25519, passphrase, seed);
	if (err == NRM_OK)
		err = nrm_local_signer_new(nrm_directory_log_key(b->directory[0])->name, seed,
					   &b->local);
	nrm_wipe(seed, sizeof(seed));
	if (err != NRM_OK)
		return fail(b, err, path, nrm_err_text(err));
	b->signer = nrm_local_signer_interface(b->local);
	return NRM_OK;
}

static enum nrm_err load(struct broker *b)
{
	struct nrm_directory *directory;
	enum nrm_err err = with_passphrase(b, load_keys);

	if (err == NRM_OK)
		err = load_directory(b, &directory);
	if (err == NRM_OK)
		err = keep_directory(b, directory);
	if (err == NRM_OK)
		err = with_passphrase(b, load_signer);
	if (err == NRM_OK)
		err = nrm_policy_load(b->config.policy, &b->policy, b->error);
	return err;
}

static void report(enum nrm_log_level level, const char *event, const char *pairs)
{
	nrm_log(level, event, "%s", pairs);
}

static atomic_bool must_stop;

/* The books are damaged, or older than a head that an agent saw: nothing may be added to them. */
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
		.policy = b->policy,
		.directory = b->directory[0],
		.signer = &b->signer,
	};
	uint8_t entropy[32];
	char why[256];

	nrm_random(entropy, sizeof(entropy));
	enum nrm_err err = nrm_books_open(&books, nrm_time_now_ms(), entropy, &b->books, why);
	nrm_wipe(entropy, sizeof(entropy));
	return err == NRM_OK ? NRM_OK : fail(b, err, b->config.data, why);
}

static enum nrm_err open_door(struct broker *b)
{
	struct nrm_door_options door = {
		.n_listen = b->config.n_listen,
		.directory = b->directory[0],
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

static void reload_directory(struct broker *b)
{
	struct nrm_directory *d = NULL;
	enum nrm_err err = load_directory(b, &d);

	if (err == NRM_OK)
		err = keep_directory(b, d);
	if (err == NRM_OK) {
		err = nrm_door_set_directory(b->door, d);
		if (err != NRM_OK)
			err = fail(b, err, b->config.directory,
				   err == NRM_ERR_VERSION ? "not newer than the one in force"
							  : nrm_err_text(err));
	}
	if (err == NRM_OK)
		nrm_log(NRM_LOG_INFO, "directory", "version=%llu",
			(unsigned long long)nrm_directory_version(d));
	else
		nrm_log(NRM_LOG_ERROR, "directory_refused", "error=\"%s\"", b->error);
}

static void serve(struct broker *b, const sigset_t *signals)
{
	int signal = 0;

	for (size_t i = 0; i < b->config.n_listen; i++)
		nrm_log(NRM_LOG_INFO, "ready", "endpoint=%s", nrm_door_endpoint(b->door, i));
	nrm_notify("READY=1");
	while (sigwait(signals, &signal) == 0 && signal == SIGHUP)
		reload_directory(b);
	nrm_notify("STOPPING=1");
	nrm_log(NRM_LOG_INFO, "stopping", "signal=%d", signal);
}

static void broker_done(struct broker *b)
{
	nrm_door_close(b->door);
	nrm_books_close(b->books);
	nrm_local_signer_free(b->local);
	nrm_policy_free(b->policy);
	for (size_t i = 0; i < b->n_directories; i++)
		nrm_directory_free(b->directory[i]);
	free(b->directory);
	nrm_identity_free(b->identity);
	nrm_crypto_thread_done();
}

int main(int argc, char **argv)
{
	struct broker b = {.n_directories = 0};
	struct arguments arguments = {.config = NULL};
	sigset_t signals;
	enum nrm_err err;

	set_limits();
	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
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
		err = nrm_broker_config_read(arguments.config, &b.config, b.error);
	if (err == NRM_OK) {
		nrm_log_open(PROGRAM, b.config.log_level);
		err = load(&b);
	}
	if (err == NRM_OK && !arguments.check) {
		err = open_books(&b);
		if (err == NRM_OK)
			err = open_door(&b);
		if (err == NRM_OK)
			serve(&b, &signals);
		if (atomic_load(&must_stop))
			err = fail(&b, NRM_ERR_CORRUPT, b.config.data,
				   "damaged, or older than a signed head of this trail that an "
				   "agent has seen; "
				   "see broker/README.md, \"When the broker stops by itself\"");
	}
	if (err != NRM_OK)
		fprintf(stderr, PROGRAM ": %s\n", b.error);
	else if (arguments.check)
		puts("good");
	broker_done(&b);
	return err == NRM_OK ? 0 : 2;
}
