#include "tests/live/country.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/file.h"
#include "proto/crypto/keyfile.h"
#include "proto/crypto/sign.h"
#include "proto/directory/participants.h"
#include "proto/wire/directory_wire.h"
#include "tests/live/must.h"

/* A path in the folder. */
__attribute__((format(printf, 3, 4))) static void in(char *path, const char *dir, const char *name,
						     ...)
{
	va_list args;
	int n = snprintf(path, PATH_MAX, "%s/", dir);

	va_start(args, name);
	vsnprintf(path + n, PATH_MAX - (size_t)n, name, args);
	va_end(args);
}

static FILE *create(const char *path)
{
	FILE *file = fopen(path, "w");

	if (!file)
		die("%s: cannot be made", path);
	return file;
}

static void configure_agency(const char *dir, const char *id, const char *name,
			     const char *endpoint)
{
	char path[PATH_MAX];

	in(path, dir, "%s.yaml", name);
	FILE *yaml = create(path);
	fprintf(yaml,
		"id: %s\nkeys: %s\nbroker:\n  endpoint: %s\n  key: broker/transport.public\n"
		"authority: authority/authority.pub\ndata: %s-agent\n",
		id, name, endpoint, name);
	fclose(yaml);
}

static void make_agencies(const char *dir, const char *kind, const char *offers, size_t n,
			  const char *endpoint, FILE *yaml)
{
	char path[PATH_MAX], id[NRM_MAX_ID + 1], error[NRM_YAML_ERROR_LEN];

	for (size_t i = 0; i < n; i++) {
		snprintf(id, sizeof(id), "XX.%s-%03zu", kind, i);
		in(path, dir, "%s", id + 3);
		must(nrm_agency_keys_new(path, id, NULL, error), error);
		configure_agency(dir, id, id + 3, endpoint);
		fprintf(yaml,
			"- id: %s\n  name: Invented %s %03zu\n  kind: government\n  roles: [%s]\n"
			"  services: [%s]\n  keys: %s-%03zu\n",
			id, kind, i, kind, offers, kind, i);
	}
}

/* Signs a document as the authority and writes it to a file of the country. */
static void sign(const char *dir, const char *domain, struct nrm_slice bytes, const char *name)
{
	char path[PATH_MAX], error[NRM_YAML_ERROR_LEN];
	uint8_t signature[NRM_SIGNATURE_LEN];
	struct nrm_signing_key *key;
	struct nrm_buf file = {0};

	in(path, dir, "authority");
	must(nrm_authority_load(path, NULL, &key, error), error);
	must(nrm_document_sign(key, domain, bytes, signature), name);
	const struct nrm_document document = {bytes, nrm_slice(signature, sizeof(signature))};
	must(nrm_document_encode(&document, &file), name);
	in(path, dir, "%s", name);
	must(nrm_file_replace(path, 0644, nrm_buf_slice(&file)), path);
	nrm_buf_done(&file);
	nrm_signing_key_free(key);
}

/* Compiles participants.yaml and signs it as the directory. */
static void sign_directory(const char *dir)
{
	char path[PATH_MAX], error[NRM_YAML_ERROR_LEN];
	uint8_t authority[NRM_KEY_LEN];
	struct nrm_buf bytes = {0};

	in(path, dir, "authority/authority.pub");
	must(nrm_authority_public(path, authority, error), error);
	in(path, dir, "participants.yaml");
	must(nrm_participants_compile(path, NULL, authority, &bytes, error), error);
	sign(dir, NRM_DOMAIN_DIRECTORY, nrm_buf_slice(&bytes), "directory.signed");
	nrm_buf_done(&bytes);
}

static void sign_policy(const char *dir, const char *policy)
{
	const char *path = policy ? policy : "config/policy.yaml";
	struct nrm_buf bytes = {0};

	must(nrm_file_read(path, NRM_MAX_POLICY, false, &bytes), path);
	sign(dir, NRM_DOMAIN_POLICY, nrm_buf_slice(&bytes), "policy.signed");
	nrm_buf_done(&bytes);
}

static void configure_broker(const char *dir, const struct country_options *o)
{
	char path[PATH_MAX];

	in(path, dir, "broker.yaml");
	FILE *yaml = create(path);
	fprintf(yaml,
		"id: " COUNTRY_BROKER "\nlisten: [%s]\ndata: books\nkeys: broker\n"
		"authority: authority/authority.pub\ndirectory: directory.signed\n"
		"policy: policy.signed\n%s",
		o->endpoint, o->more ? o->more : "");
	fclose(yaml);
}

void country_endpoint(char endpoint[static COUNTRY_ENDPOINT])
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&address, size) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) != 0)
		die("no free port");
	close(fd);
	snprintf(endpoint, COUNTRY_ENDPOINT, "tcp://127.0.0.1:%u", ntohs(address.sin_port));
}

void country_make(const char *dir, const struct country_options *o)
{
	char path[PATH_MAX], error[NRM_YAML_ERROR_LEN];

	if (mkdir(dir, 0700) != 0)
		die("%s: cannot be made", dir);
	in(path, dir, "authority");
	must(nrm_authority_keys_new(path, NULL, error), error);
	in(path, dir, "broker");
	must(nrm_broker_keys_new(path, COUNTRY_BROKER, NULL, error), error);
	in(path, dir, "participants.yaml");
	FILE *yaml = create(path);
	fprintf(yaml,
		"country: XX\nversion: 1\nvalid_from: 2020-01-01T00:00:00Z\nvalid_until: "
		"2090-01-01T00:00:00Z\n"
		"broker:\n  id: " COUNTRY_BROKER
		"\n  endpoint: %s\n  keys: broker\ntrail:\n  origin: nrm/XX\n"
		"witness_quorum: 0\nparticipants:\n",
		o->endpoint);
	make_agencies(dir, "police", "police_protection", o->police,
		      o->police_endpoint ? o->police_endpoint : o->endpoint, yaml);
	make_agencies(dir, "shelter", "emergency_shelter", o->shelters,
		      o->shelter_endpoint ? o->shelter_endpoint : o->endpoint, yaml);
	fclose(yaml);
	sign_directory(dir);
	sign_policy(dir, o->policy);
	configure_broker(dir, o);
}

void country_need(const char *dir, size_t police, size_t shelters, const char *policy)
{
	char endpoint[COUNTRY_ENDPOINT];
	const struct country_options options = {
		.police = police, .shelters = shelters, .endpoint = endpoint, .policy = policy};

	if (access(dir, F_OK) == 0)
		return;
	country_endpoint(endpoint);
	country_make(dir, &options);
}

static struct nrm_identity **load_agencies(const char *dir, const char *kind, size_t *ret_n)
{
	struct nrm_identity **agency = NULL;
	char path[PATH_MAX], error[NRM_YAML_ERROR_LEN];
	struct stat st;
	size_t n = 0;

	for (;; n++) {
		in(path, dir, "%s-%03zu", kind, n);
		if (stat(path, &st) != 0)
			break;
		agency = realloc(agency, (n + 1) * sizeof(struct nrm_identity *));
		must(nrm_identity_load(path, NULL, &agency[n], error), error);
	}
	*ret_n = n;
	return agency;
}

void country_load(struct country *c, const char *dir)
{
	char path[PATH_MAX], error[NRM_YAML_ERROR_LEN];
	uint8_t authority[NRM_KEY_LEN];

	in(path, dir, "authority/authority.pub");
	must(nrm_authority_public(path, authority, error), error);
	in(path, dir, "directory.signed");
	must(nrm_directory_read(path, authority, &c->directory, error), error);
	in(path, dir, "policy.signed");
	must(nrm_policy_read(path, authority, false, &c->policy, error), error);
	in(path, dir, "broker");
	must(nrm_identity_load(path, NULL, &c->broker, error), error);
	c->police = load_agencies(dir, "police", &c->n_police);
	c->shelter = load_agencies(dir, "shelter", &c->n_shelters);
}

static void free_agencies(struct nrm_identity **agency, size_t n)
{
	for (size_t i = 0; i < n; i++)
		nrm_identity_free(agency[i]);
	free(agency);
}

void country_done(struct country *c)
{
	free_agencies(c->police, c->n_police);
	free_agencies(c->shelter, c->n_shelters);
	nrm_identity_free(c->broker);
	nrm_directory_free(c->directory);
	nrm_signed_policy_free(c->policy);
}
