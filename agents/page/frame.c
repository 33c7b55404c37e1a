#include "agents/page/frame.h"

#include <errno.h>
#include <sys/socket.h>

#include "proto/base/limits.h"

#define HEAD_LEN 7u

enum nrm_err nrm_page_frame_put(struct nrm_buf *out, const struct nrm_page_frame *frame)
{
	if (frame->bytes.len > NRM_MAX_PAGE_ANSWER)
		return NRM_ERR_LIMIT;
	nrm_buf_put_u32(out, (uint32_t)frame->bytes.len);
	nrm_buf_put_u16(out, (uint16_t)frame->status);
	nrm_buf_put_u8(out, (uint8_t)frame->kind);
	nrm_buf_put(out, frame->bytes.data, frame->bytes.len);
	return out->err;
}

/* An answer has a status that HTTP knows, everything else none. */
static bool status_fits(unsigned kind, unsigned status)
{
	return kind <= NRM_FRAME_PROOF ? status >= 200 && status <= 599 : status == 0;
}

enum nrm_err nrm_page_frame_take(struct nrm_slice in, struct nrm_page_frame *ret_frame,
				 size_t *ret_len)
{
	struct nrm_reader r = nrm_reader(in);
	const uint32_t len = nrm_take_u32(&r);
	const unsigned status = nrm_take_u16(&r), kind = nrm_take_u8(&r);

	if (r.failed)
		return NRM_ERR_AGAIN;
	if (len > NRM_MAX_PAGE_ANSWER || kind >= NRM_FRAME_KINDS || !status_fits(kind, status))
		return NRM_ERR_FORMAT;
	if (r.rest.len < len)
		return NRM_ERR_AGAIN;
	*ret_frame = (struct nrm_page_frame){
		.kind = (enum nrm_frame_kind)kind, .status = status, .bytes = nrm_take(&r, len)};
	*ret_len = HEAD_LEN + len;
	return NRM_OK;
}

enum nrm_err nrm_page_frame_write(int fd, const struct nrm_page_frame *frame)
{
	struct nrm_buf out = {0};
	enum nrm_err err = nrm_page_frame_put(&out, frame);

	for (size_t done = 0; err == NRM_OK && done < out.len;) {
		const ssize_t n = send(fd, out.data + done, out.len - done, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR)
			err = NRM_ERR_CLOSED;
		done += n > 0 ? (size_t)n : 0;
	}
	nrm_buf_wipe(&out);
	return err;
}
