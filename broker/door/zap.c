#include "broker/door/zap.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

#include "proto/base/buf.h"
#include "proto/base/hex.h"
#include "proto/base/time.h"

#define ENDPOINT "inproc://zeromq.zap.01"

/* Frames of a request (RFC 27). */
enum { VERSION, REQUEST_ID, DOMAIN, ADDRESS, ROUTING_ID, MECHANISM, CREDENTIALS, REQUEST_FRAMES };

struct request {
	uint8_t frame[REQUEST_FRAMES][256];
	size_t len[REQUEST_FRAMES];
	bool well_formed; /* the right number of frames, each within 255 bytes */
};

/* Refuses unless filled in. */
struct reply {
	const char *status, *text;
	char user[2 * NRM_KEY_LEN + 1];
	uint8_t metadata[64];
	size_t metadata_len;
};

struct nrm_zap {
	void *socket;
	struct nrm_gate *gate;
	pthread_t thread;
};

/* Reads all frames of one request; false when the context ends. */
static bool receive(void *socket, struct request *request)
{
	zmq_msg_t frame;
	int more = 1;

	*request = (struct request){.well_formed = true};
	for (size_t i = 0; more; i++) {
		zmq_msg_init(&frame);
		if (zmq_msg_recv(&frame, socket, 0) < 0) {
			zmq_msg_close(&frame);
			return false;
		}
		more = zmq_msg_more(&frame);
		size_t len = zmq_msg_size(&frame);
		if (i >= REQUEST_FRAMES || len >= sizeof(request->frame[i]) ||
		    more != (i < CREDENTIALS)) {
			request->well_formed = false;
		} else if (len > 0) {
			memcpy(request->frame[i], zmq_msg_data(&frame), len);
			request->len[i] = len;
		}
		zmq_msg_close(&frame);
	}
	return true;
}

static bool says(const struct request *request, size_t frame, const char *text)
{
	return nrm_slice_equal(nrm_slice(request->frame[frame], request->len[frame]),
			       nrm_slice_str(text));
}

/* One ZMTP property: u8(len) name u32(len) value (ZMTP 3.1, "metadata"). */
static void grant(struct reply *reply, const uint8_t *key, uint64_t number)
{
	char value[17];
	size_t name_len = strlen(NRM_ZAP_NUMBER), value_len = sizeof(value) - 1;
	uint8_t *p = reply->metadata;

	snprintf(value, sizeof(value), "%016" PRIx64, number);
	*p++ = (uint8_t)name_len;
	memcpy(p, NRM_ZAP_NUMBER, name_len);
	p += name_len;
	nrm_store_u32(p, (uint32_t)value_len);
	memcpy(p + 4, value, value_len);
	reply->metadata_len = 1 + name_len + 4 + value_len;
	nrm_hex(key, NRM_KEY_LEN, reply->user);
	reply->status = "200";
	reply->text = "OK";
}

static void judge(struct nrm_gate *gate, const struct request *request, struct reply *reply)
{
	uint64_t number;

	if (!request->well_formed || !says(request, VERSION, "1.0") ||
	    !says(request, DOMAIN, NRM_ZAP_DOMAIN) || !says(request, MECHANISM, "CURVE") ||
	    request->len[CREDENTIALS] != NRM_KEY_LEN)
		return;
	const uint8_t *key = request->frame[CREDENTIALS];
	switch (nrm_gate_admit(gate, key, nrm_time_now_ms(), nrm_time_monotonic_ms(), &number)) {
	case NRM_ADMITTED:
		grant(reply, key, number);
		break;
	case NRM_CROWDED:
		/* Temporary: the client is cut off without an answer, and comes again. */
		reply->status = "300";
		reply->text = "later";
		break;
	case NRM_STRANGER:
		break;
	}
}

static bool answer(void *socket, const struct request *request, const struct reply *reply)
{
	const struct nrm_slice frame[] = {
		nrm_slice_str("1.0"),
		nrm_slice(request->frame[REQUEST_ID], request->len[REQUEST_ID]),
		nrm_slice_str(reply->status),
		nrm_slice_str(reply->text),
		nrm_slice_str(reply->user),
		nrm_slice(reply->metadata, reply->metadata_len),
	};
	size_t n = sizeof(frame) / sizeof(frame[0]);

	for (size_t i = 0; i < n; i++)
		if (zmq_send(socket, frame[i].data, frame[i].len, i + 1 < n ? ZMQ_SNDMORE : 0) < 0)
			return false;
	return true;
}

static void *handle(void *arg)
{
	struct nrm_zap *zap = arg;
	struct request request;

	while (receive(zap->socket, &request)) {
		struct reply reply = {.status = "400", .text = "refused"};
		judge(zap->gate, &request, &reply);
		if (!answer(zap->socket, &request, &reply))
			break;
	}
	zmq_close(zap->socket);
	return NULL;
}

enum nrm_err nrm_zap_start(void *context, struct nrm_gate *gate, struct nrm_zap **ret_zap)
{
	struct nrm_zap *zap = calloc(1, sizeof(*zap));
	int linger = 0;

	if (!zap)
		return NRM_ERR_NOMEM;
	zap->gate = gate;
	zap->socket = zmq_socket(context, ZMQ_REP);
	if (!zap->socket || zmq_setsockopt(zap->socket, ZMQ_LINGER, &linger, sizeof(linger)) != 0 ||
	    zmq_bind(zap->socket, ENDPOINT) != 0 ||
	    pthread_create(&zap->thread, NULL, handle, zap) != 0) {
		if (zap->socket)
			zmq_close(zap->socket);
		free(zap);
		return NRM_ERR_IO;
	}
	*ret_zap = zap;
	return NRM_OK;
}

void nrm_zap_join(struct nrm_zap *zap)
{
	if (!zap)
		return;
	pthread_join(zap->thread, NULL);
	free(zap);
}
