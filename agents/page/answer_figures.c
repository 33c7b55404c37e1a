/* What the sums beside the trail tell: response times, what was withheld, indicators. */
#include "agents/page/answer.h"

static void not_there(struct nrm_reply *reply)
{
	struct nrm_page_failure failure;

	nrm_page_fail(&failure, nrm_slice_str("none"), "a broker that keeps sums",
		      "there are no sums");
	nrm_reply_failure(reply, 503, &failure);
}

void nrm_answer_response_times(struct nrm_reading *r, const struct nrm_page_query *q,
			       struct nrm_reply *reply)
{
	(void)r;
	(void)q;
	not_there(reply);
}

void nrm_answer_withheld(struct nrm_reading *r, const struct nrm_page_query *q,
			 struct nrm_reply *reply)
{
	(void)r;
	(void)q;
	not_there(reply);
}

void nrm_answer_indicators(struct nrm_reading *r, const struct nrm_page_query *q,
			   struct nrm_reply *reply)
{
	(void)r;
	(void)q;
	not_there(reply);
}
