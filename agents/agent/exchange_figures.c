/* How the exchange stands, and whether the broker is late with its proofs. */
#include "agents/agent/exchange_parts.h"

#define WATCH_EVERY_MS 60000u

static enum nrm_err count_unproved(struct nrm_txn *txn, uint64_t now_ms,
				   struct nrm_exchange_figures *f)
{
	struct nrm_cursor *cursor;
	struct nrm_slice key, value;
	enum nrm_err err = nrm_cursor_open(txn, NRM_SPOOL_UNPROVED, &cursor);

	if (err)
		return err;
	for (err = nrm_cursor_seek(cursor, (struct nrm_slice){0}, &key, &value); err == NRM_OK;
	     err = nrm_cursor_next(cursor, &key, &value)) {
		if (value.len != 8) {
			err = NRM_ERR_CORRUPT;
			break;
		}
		uint64_t told = nrm_load_u64(value.data);

		f->unproved++;
		f->overdue += told + NRM_MAX_UNPROVED_MS < now_ms;
		if (f->oldest_unproved_ms == 0 || told < f->oldest_unproved_ms)
			f->oldest_unproved_ms = told;
	}
	nrm_cursor_close(cursor);
	return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
}

enum nrm_err nrm_exchange_figures(const struct nrm_exchange *x, uint64_t now_ms,
				  struct nrm_exchange_figures *ret_figures)
{
	struct nrm_exchange_figures f = {.welcome = x->welcome,
					 .alarm = x->alarm,
					 .checkpoint_size = x->checkpoint.size,
					 .cosigned_ms = x->cosigned_ms,
					 .in_flight = nrm_exchange_in_flight(x)};
	struct nrm_txn *txn;
	enum nrm_err err = nrm_txn_begin(x->options.store, false, &txn);

	if (err)
		return err;
	f.put_off = x->n_flights - f.in_flight;
	memcpy(f.found, x->found, sizeof(f.found));
	err = nrm_count(txn, NRM_SPOOL_QUEUE, &f.queued);
	if (err == NRM_OK)
		err = nrm_count(txn, NRM_SPOOL_WAITING, &f.waiting);
	if (err == NRM_OK)
		err = nrm_count(txn, NRM_SPOOL_INBOX, &f.received);
	if (err == NRM_OK)
		err = count_unproved(txn, now_ms, &f);
	nrm_txn_abort(txn);
	if (err == NRM_OK)
		*ret_figures = f;
	return err;
}

void nrm_exchange_watch(struct nrm_exchange *x, uint64_t now_ms)
{
	struct nrm_exchange_figures f;
	struct nrm_slice none = {0};

	if (now_ms < x->watch_ms)
		return;
	x->watch_ms = now_ms + WATCH_EVERY_MS;
	enum nrm_err err = nrm_exchange_figures(x, now_ms, &f);
	if (err) {
		nrm_exchange_found(x, NRM_FOUND_STORE, nrm_err_text(err), none);
		return;
	}
	if (f.overdue && !x->overdue)
		nrm_exchange_found(x, NRM_FOUND_OVERDUE,
				   "told of a leaf and given no proof within an hour: call the "
				   "coordinator",
				   none);
	x->overdue = f.overdue > 0;
}
