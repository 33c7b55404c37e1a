#include "proto/crypto/timestamp.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/http.h>
#include <openssl/ts.h>

/* Says what OpenSSL found, and forgets it. */
static enum nrm_err failed(enum nrm_err err, const char *what, char *why)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	snprintf(why, NRM_TIMESTAMP_WHY_LEN, "%s%s%s", what, reason ? ": " : "",
		 reason ? reason : "");
	ERR_clear_error();
	return err;
}

/* --- asking --- */

static bool set_imprint(TS_REQ *request, const uint8_t *digest)
{
	TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
	X509_ALGOR *algorithm = X509_ALGOR_new();
	bool set = imprint && algorithm &&
		   X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) == 1 &&
		   TS_MSG_IMPRINT_set_algo(imprint, algorithm) == 1 &&
		   TS_MSG_IMPRINT_set_msg(imprint, (unsigned char *)digest, NRM_HASH_LEN) == 1 &&
		   TS_REQ_set_msg_imprint(request, imprint) == 1;

	TS_MSG_IMPRINT_free(imprint);
	X509_ALGOR_free(algorithm);
	return set;
}

static bool set_nonce(TS_REQ *request)
{
	ASN1_INTEGER *nonce = ASN1_INTEGER_new();
	uint64_t random;

	nrm_random(&random, sizeof(random));
	bool set = nonce && ASN1_INTEGER_set_uint64(nonce, random) == 1 &&
		   TS_REQ_set_nonce(request, nonce) == 1;
	ASN1_INTEGER_free(nonce);
	return set;
}

enum nrm_err nrm_timestamp_query(const uint8_t digest[static NRM_HASH_LEN], struct nrm_buf *out)
{
	TS_REQ *request = TS_REQ_new();
	unsigned char *der = NULL;
	enum nrm_err err = NRM_ERR_CRYPTO;
	int len = -1;

	if (request && TS_REQ_set_version(request, 1) == 1 && set_imprint(request, digest) &&
	    set_nonce(request) && TS_REQ_set_cert_req(request, 1) == 1)
		len = i2d_TS_REQ(request, &der);
	if (len > 0) {
		nrm_buf_put(out, der, (size_t)len);
		err = out->err;
	}
	OPENSSL_free(der);
	TS_REQ_free(request);
	ERR_clear_error();
	return err;
}

static enum nrm_err take_reply(BIO *from, struct nrm_buf *out)
{
	int n;

	for (size_t before = out->len; out->len - before <= NRM_MAX_TIMESTAMP;) {
		uint8_t *room = nrm_buf_grow(out, 4096);
		if (!room)
			return out->err;
		n = BIO_read(from, room, 4096);
		out->len -= 4096 - (size_t)(n > 0 ? n : 0);
		if (n <= 0)
			return NRM_OK;
	}
	return NRM_ERR_LIMIT;
}

enum nrm_err nrm_timestamp_fetch(const char *url, struct nrm_slice query, unsigned seconds,
				 struct nrm_buf *out, char why[static NRM_TIMESTAMP_WHY_LEN])
{
	char *host = NULL, *port = NULL, *path = NULL;
	BIO *body = NULL, *reply = NULL;
	enum nrm_err err;
	int tls = 0;

	if (OSSL_HTTP_parse_url(url, &tls, NULL, &host, &port, NULL, &path, NULL, NULL) != 1 ||
	    tls || !*host || strncmp(url, "http://", strlen("http://")) != 0) {
		err = failed(NRM_ERR_ARGUMENT, "expected http://HOST[:PORT]/PATH", why);
		goto out;
	}
	body = BIO_new_mem_buf(query.data, (int)query.len);
	if (body)
		reply = OSSL_HTTP_transfer(NULL, host, port, path, 0, NULL, NULL, NULL, NULL, NULL,
					   NULL, 0, NULL, "application/timestamp-query", body,
					   "application/timestamp-reply", 1, NRM_MAX_TIMESTAMP,
					   (int)seconds, 0);
	if (!reply) {
		err = failed(NRM_ERR_IO, "the authority did not answer", why);
		goto out;
	}
	err = take_reply(reply, out);
	if (err != NRM_OK)
		snprintf(why, NRM_TIMESTAMP_WHY_LEN, "%s", nrm_err_text(err));
out:
	BIO_free(body);
	BIO_free(reply);
	OPENSSL_free(host);
	OPENSSL_free(port);
	OPENSSL_free(path);
	ERR_clear_error();
	return err;
}

/* --- checking --- */

/* All of the bytes are one reply; NULL. */
static TS_RESP *reply_of(struct nrm_slice bytes)
{
	const unsigned char *at = bytes.data;
	TS_RESP *reply = bytes.len > 0 && bytes.len <= NRM_MAX_TIMESTAMP
				 ? d2i_TS_RESP(NULL, &at, (long)bytes.len)
				 : NULL;

	if (reply && at != bytes.data + bytes.len) {
		TS_RESP_free(reply);
		return NULL;
	}
	return reply;
}

enum nrm_err nrm_timestamp_answers(struct nrm_slice reply_bytes, struct nrm_slice query,
				   char why[static NRM_TIMESTAMP_WHY_LEN])
{
	const unsigned char *at = query.data;
	TS_REQ *request = d2i_TS_REQ(NULL, &at, (long)query.len);
	TS_RESP *reply = reply_of(reply_bytes);
	TS_VERIFY_CTX *ctx = request ? TS_REQ_to_TS_VERIFY_CTX(request, NULL) : NULL;
	enum nrm_err err = NRM_OK;

	if (!reply || !ctx) {
		err = failed(NRM_ERR_PROOF, "the reply is no timestamp", why);
	} else {
		TS_VERIFY_CTX_set_flags(ctx, TS_VFY_VERSION | TS_VFY_IMPRINT | TS_VFY_NONCE);
		if (TS_RESP_verify_response(ctx, reply) != 1)
			err = failed(NRM_ERR_PROOF, "the authority did not stamp what was asked",
				     why);
	}
	TS_VERIFY_CTX_free(ctx);
	TS_RESP_free(reply);
	TS_REQ_free(request);
	return err;
}

static bool time_of(TS_RESP *reply, time_t *ret_time)
{
	TS_TST_INFO *info = TS_RESP_get_tst_info(reply);
	struct tm tm;

	if (!info || ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &tm) != 1)
		return false;
	*ret_time = timegm(&tm);
	return *ret_time > 0;
}

enum nrm_err nrm_timestamp_time(struct nrm_slice bytes, uint64_t *ret_ms)
{
	TS_RESP *reply = reply_of(bytes);
	time_t time;
	enum nrm_err err = reply && time_of(reply, &time) ? NRM_OK : NRM_ERR_FORMAT;

	if (err == NRM_OK)
		*ret_ms = (uint64_t)time * 1000;
	TS_RESP_free(reply);
	ERR_clear_error();
	return err;
}

/* The certificates that are believed, at the time of the stamp: they may have expired since. */
static X509_STORE *believed(const char *ca_file, time_t time)
{
	X509_STORE *store = X509_STORE_new();

	if (!store || X509_STORE_load_file(store, ca_file) != 1) {
		X509_STORE_free(store);
		return NULL;
	}
	X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), time);
	return store;
}

static enum nrm_err verify(TS_RESP *reply, const uint8_t *digest, const char *ca_file, char *why)
{
	TS_VERIFY_CTX *ctx;
	X509_STORE *store;
	uint8_t *imprint;
	time_t time;
	enum nrm_err err = NRM_OK;

	if (!time_of(reply, &time))
		return failed(NRM_ERR_PROOF, "the authority refused, or states no time", why);
	store = believed(ca_file, time);
	if (!store)
		return failed(NRM_ERR_KEY, "no certificates could be read", why);
	ctx = TS_VERIFY_CTX_new();
	imprint = OPENSSL_memdup(digest, NRM_HASH_LEN);
	if (!ctx || !imprint) {
		X509_STORE_free(store);
		OPENSSL_free(imprint);
		TS_VERIFY_CTX_free(ctx);
		return NRM_ERR_NOMEM;
	}
	TS_VERIFY_CTX_set_flags(ctx, TS_VFY_VERSION | TS_VFY_IMPRINT | TS_VFY_SIGNATURE);
	TS_VERIFY_CTX_set_imprint(ctx, imprint, NRM_HASH_LEN);
	TS_VERIFY_CTX_set_store(ctx, store);
	if (TS_RESP_verify_response(ctx, reply) != 1)
		err = failed(NRM_ERR_PROOF, "the timestamp does not verify", why);
	TS_VERIFY_CTX_free(ctx); /* with store and imprint */
	return err;
}

enum nrm_err nrm_timestamp_verify(struct nrm_slice bytes, const uint8_t digest[static NRM_HASH_LEN],
				  const char *ca_file, char why[static NRM_TIMESTAMP_WHY_LEN])
{
	TS_RESP *reply = reply_of(bytes);
	enum nrm_err err = reply ? verify(reply, digest, ca_file, why)
				 : failed(NRM_ERR_PROOF, "the file is no timestamp", why);

	TS_RESP_free(reply);
	ERR_clear_error();
	return err;
}
