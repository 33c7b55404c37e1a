#include "proto/crypto/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/pkcs12.h> /* PKCS8_encrypt() */
#include <openssl/x509.h>

#include "proto/base/buf.h"
#include "proto/base/file.h"
#include "proto/base/limits.h"

#define PBKDF2_ROUNDS 600000 /* with HMAC-SHA256: some tenths of a second for who must guess */
#define PEM_BEGIN     "-----BEGIN "

static const int EVP_TYPE[] = {[NRM_ED25519] = EVP_PKEY_ED25519, [NRM_X25519] = EVP_PKEY_X25519};

/* Writes the PEM text of a key into a memory BIO, which clears its memory when it is freed. */
static enum nrm_err pem_make(enum nrm_key_algorithm algorithm,
			     const uint8_t secret[static NRM_KEY_LEN], const char *passphrase,
			     BIO *bio)
{
	enum nrm_err err = NRM_ERR_CRYPTO;
	PKCS8_PRIV_KEY_INFO *plain = NULL;
	X509_SIG *sealed = NULL;
	EVP_PKEY *pkey =
		EVP_PKEY_new_raw_private_key(EVP_TYPE[algorithm], NULL, secret, NRM_KEY_LEN);

	if (!pkey || !(plain = EVP_PKEY2PKCS8(pkey)))
		goto out;
	if (!passphrase) {
		if (PEM_write_bio_PKCS8_PRIV_KEY_INFO(bio, plain) == 1)
			err = NRM_OK;
		goto out;
	}
	sealed = PKCS8_encrypt(-1, EVP_aes_256_cbc(), passphrase, (int)strlen(passphrase), NULL, 0,
			       PBKDF2_ROUNDS, plain);
	if (sealed && PEM_write_bio_PKCS8(bio, sealed) == 1)
		err = NRM_OK;
out:
	X509_SIG_free(sealed);
	PKCS8_PRIV_KEY_INFO_free(plain);
	EVP_PKEY_free(pkey);
	return err;
}

enum nrm_err nrm_keyfile_write(const char *path, enum nrm_key_algorithm algorithm,
			       const uint8_t secret[static NRM_KEY_LEN], const char *passphrase)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;

	if (!bio)
		return NRM_ERR_NOMEM;
	enum nrm_err err = pem_make(algorithm, secret, passphrase, bio);
	if (err == NRM_OK) {
		long len = BIO_get_mem_data(bio, &text);
		err = nrm_file_create(path, 0600, nrm_slice(text, (size_t)len));
	}
	BIO_free(bio);
	return err;
}

/* Reads to the end of the file, but no more than `max` bytes and one. */
static enum nrm_err read_all(int fd, size_t max, struct nrm_buf *buf)
{
	while (buf->len <= max) {
		size_t have = buf->len, room = max + 1 - have < 4096 ? max + 1 - have : 4096;
		uint8_t *p = nrm_buf_grow(buf, room);
		if (!p)
			return buf->err;
		ssize_t n = read(fd, p, room);
		buf->len = have + (n > 0 ? (size_t)n : 0);
		if (n == 0)
			return NRM_OK;
		if (n < 0 && errno != EINTR)
			return NRM_ERR_IO;
	}
	return NRM_ERR_LIMIT;
}

enum nrm_err nrm_file_read(const char *path, size_t max, bool secret, struct nrm_buf *buf)
{
	/* A secret in a FIFO would block the open; it is refused below, once opened. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | (secret ? O_NONBLOCK : 0));
	enum nrm_err err = NRM_ERR_IO;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? NRM_ERR_NOT_FOUND : NRM_ERR_IO;
	nrm_buf_clear(buf);
	if (fstat(fd, &st) != 0)
		goto out;
	err = NRM_ERR_PERMISSION;
	if (secret && (!S_ISREG(st.st_mode) || (st.st_mode & 066)))
		goto out;
	err = read_all(fd, max, buf);
out:
	close(fd);
	if (err != NRM_OK)
		nrm_buf_wipe(buf);
	return err;
}

/* PKCS#8 in DER, as it came out of a PEM block called `name`. */
static enum nrm_err pkcs8_parse(const char *name, const uint8_t *der, long len,
				const char *passphrase, PKCS8_PRIV_KEY_INFO **ret_plain)
{
	const uint8_t *p = der;

	if (strcmp(name, PEM_STRING_PKCS8INF) == 0) {
		*ret_plain = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, len);
		return *ret_plain && p == der + len ? NRM_OK : NRM_ERR_FORMAT;
	}
	if (strcmp(name, PEM_STRING_PKCS8) != 0)
		return NRM_ERR_FORMAT;
	X509_SIG *sealed = d2i_X509_SIG(NULL, &p, len);
	if (!sealed || p != der + len) {
		X509_SIG_free(sealed);
		return NRM_ERR_FORMAT;
	}
	if (passphrase)
		*ret_plain = PKCS8_decrypt(sealed, passphrase, (int)strlen(passphrase));
	X509_SIG_free(sealed);
	return *ret_plain ? NRM_OK : NRM_ERR_KEY;
}

/* The file must be one PEM block and nothing else. */
static enum nrm_err pem_parse(struct nrm_slice text, enum nrm_key_algorithm algorithm,
			      const char *passphrase, uint8_t secret[static NRM_KEY_LEN])
{
	enum nrm_err err = NRM_ERR_FORMAT;
	char *name = NULL, *header = NULL;
	uint8_t *der = NULL, key[NRM_KEY_LEN];
	long len = 0;
	size_t key_len = sizeof(key);
	PKCS8_PRIV_KEY_INFO *plain = NULL;
	EVP_PKEY *pkey = NULL;

	if (text.len < strlen(PEM_BEGIN) || memcmp(text.data, PEM_BEGIN, strlen(PEM_BEGIN)) != 0)
		return NRM_ERR_FORMAT;
	BIO *bio = BIO_new_mem_buf(text.data, (int)text.len);
	if (!bio)
		return NRM_ERR_NOMEM;
	if (PEM_read_bio(bio, &name, &header, &der, &len) != 1 || BIO_pending(bio) > 0)
		goto out;
	err = pkcs8_parse(name, der, len, passphrase, &plain);
	if (err != NRM_OK)
		goto out;
	err = NRM_ERR_FORMAT;
	if (!(pkey = EVP_PKCS82PKEY(plain)) || EVP_PKEY_get_id(pkey) != EVP_TYPE[algorithm] ||
	    EVP_PKEY_get_raw_private_key(pkey, key, &key_len) != 1 || key_len != sizeof(key))
		goto out;
	memcpy(secret, key, sizeof(key));
	err = NRM_OK;
out:
	nrm_wipe(key, sizeof(key));
	EVP_PKEY_free(pkey);
	PKCS8_PRIV_KEY_INFO_free(plain);
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_clear_free(der, (size_t)len);
	BIO_free(bio);
	return err;
}

enum nrm_err nrm_keyfile_read(const char *path, enum nrm_key_algorithm algorithm,
			      const char *passphrase, uint8_t secret[static NRM_KEY_LEN])
{
	struct nrm_buf text = {0};
	enum nrm_err err = nrm_file_read(path, NRM_MAX_KEY_FILE, true, &text);

	if (err == NRM_OK)
		err = pem_parse(nrm_buf_slice(&text), algorithm, passphrase, secret);
	nrm_buf_wipe(&text);
	return err;
}
