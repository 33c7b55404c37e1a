#include "broker/door/gate.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define HANDSHAKE_COST_MS 1000u /* one a second */
#define ALLOWANCE_MS	  (NRM_HANDSHAKE_BURST * HANDSHAKE_COST_MS)

/* A key that came lately. One without connections whose allowance is full again says nothing and may be reused. */
struct visitor {
	uint8_t key[NRM_KEY_LEN];
	uint32_t live;	       /* connections */
	uint32_t allowance_ms; /* what is left for handshakes, at `seen_ms` */
	uint64_t seen_ms;
};

struct nrm_gate {
	_Atomic(const struct nrm_directory *) directory;
	pthread_mutex_t lock; /* of all below */
	struct visitor *visitor;
	size_t n, cap;
	uint32_t live;
	uint64_t number;
	struct nrm_gate_figures figures;
};

enum nrm_err nrm_gate_new(const struct nrm_directory *directory, struct nrm_gate **ret_gate)
{
	struct nrm_gate *gate = calloc(1, sizeof(*gate));

	if (!gate)
		return NRM_ERR_NOMEM;
	pthread_mutex_init(&gate->lock, NULL);
	atomic_init(&gate->directory, directory);
	*ret_gate = gate;
	return NRM_OK;
}

void nrm_gate_free(struct nrm_gate *gate)
{
	if (!gate)
		return;
	pthread_mutex_destroy(&gate->lock);
	free(gate->visitor);
	free(gate);
}

const struct nrm_directory *nrm_gate_directory(const struct nrm_gate *gate)
{
	return atomic_load(&gate->directory);
}

void nrm_gate_set_directory(struct nrm_gate *gate, const struct nrm_directory *directory)
{
	atomic_store(&gate->directory, directory);
}

static uint32_t allowance(const struct visitor *v, uint64_t monotonic_ms)
{
	uint64_t sum = v->allowance_ms + (monotonic_ms - v->seen_ms);

	return sum < ALLOWANCE_MS ? (uint32_t)sum : ALLOWANCE_MS;
}

static struct visitor *known(struct nrm_gate *gate, const uint8_t *key)
{
	for (size_t i = 0; i < gate->n; i++)
		if (memcmp(gate->visitor[i].key, key, NRM_KEY_LEN) == 0)
			return &gate->visitor[i];
	return NULL;
}

/* The visitor of a key; one that is not known takes a forgotten one's place, or a new one. NULL without memory. */
static struct visitor *visitor(struct nrm_gate *gate, const uint8_t *key, uint64_t monotonic_ms)
{
	struct visitor *v = known(gate, key);

	if (v)
		return v;
	for (size_t i = 0; i < gate->n && !v; i++)
		if (gate->visitor[i].live == 0 &&
		    allowance(&gate->visitor[i], monotonic_ms) == ALLOWANCE_MS)
			v = &gate->visitor[i];
	if (!v && gate->n == gate->cap) {
		size_t cap = gate->cap ? gate->cap * 2 : 64;
		struct visitor *more = reallocarray(gate->visitor, cap, sizeof(*more));
		if (!more)
			return NULL;
		gate->visitor = more;
		gate->cap = cap;
	}
	if (!v)
		v = &gate->visitor[gate->n++];
	*v = (struct visitor){.allowance_ms = ALLOWANCE_MS, .seen_ms = monotonic_ms};
	memcpy(v->key, key, NRM_KEY_LEN);
	return v;
}

static enum nrm_admission judge(struct nrm_gate *gate, const uint8_t *key, uint64_t now_ms,
				uint64_t monotonic_ms)
{
	const struct nrm_participant *p =
		nrm_directory_find_transport(nrm_gate_directory(gate), key);
	struct visitor *v;

	if (!p || !nrm_participant_active(p, now_ms))
		return NRM_STRANGER;
	v = visitor(gate, key, monotonic_ms);
	if (!v || gate->live >= NRM_MAX_SESSIONS || v->live >= NRM_MAX_CONNECTIONS_PER_KEY ||
	    allowance(v, monotonic_ms) < HANDSHAKE_COST_MS)
		return NRM_CROWDED;
	v->allowance_ms = allowance(v, monotonic_ms) - HANDSHAKE_COST_MS;
	v->seen_ms = monotonic_ms;
	return NRM_ADMITTED;
}

enum nrm_admission nrm_gate_admit(struct nrm_gate *gate, const uint8_t key[static NRM_KEY_LEN],
				  uint64_t now_ms, uint64_t monotonic_ms, uint64_t *ret_number)
{
	pthread_mutex_lock(&gate->lock);
	enum nrm_admission admission = judge(gate, key, now_ms, monotonic_ms);
	gate->figures.strangers += admission == NRM_STRANGER;
	gate->figures.crowded += admission == NRM_CROWDED;
	if (admission == NRM_ADMITTED)
		*ret_number = ++gate->number;
	pthread_mutex_unlock(&gate->lock);
	return admission;
}

bool nrm_gate_enter(struct nrm_gate *gate, const uint8_t key[static NRM_KEY_LEN],
		    uint64_t monotonic_ms)
{
	pthread_mutex_lock(&gate->lock);
	struct visitor *v = visitor(gate, key, monotonic_ms);
	bool room = v && v->live < NRM_MAX_CONNECTIONS_PER_KEY && gate->live < NRM_MAX_SESSIONS;
	if (room) {
		v->live++;
		gate->live++;
	}
	pthread_mutex_unlock(&gate->lock);
	return room;
}

void nrm_gate_leave(struct nrm_gate *gate, const uint8_t key[static NRM_KEY_LEN])
{
	pthread_mutex_lock(&gate->lock);
	known(gate, key)->live--; /* it stays while it has connections */
	gate->live--;
	pthread_mutex_unlock(&gate->lock);
}

void nrm_gate_figures(struct nrm_gate *gate, struct nrm_gate_figures *ret_figures)
{
	pthread_mutex_lock(&gate->lock);
	*ret_figures = gate->figures;
	pthread_mutex_unlock(&gate->lock);
}
