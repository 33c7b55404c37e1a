#include "proto/base/err.h"

#define NRM_X_(name, text) [NRM_##name] = text,
static const char *const texts[] = {NRM_ERRS(NRM_X_)};
#undef NRM_X_

const char *nrm_err_text(enum nrm_err err)
{
	return (unsigned)err < NRM_ERR_END_ ? texts[err] : "unknown error";
}
