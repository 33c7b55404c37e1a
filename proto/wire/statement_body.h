/*
 * Bodies of statements: one row a type of message, which says where its body stands and how it is read
 * and written. Internal to proto/wire.
 */
#ifndef NRM_WIRE_STATEMENT_BODY_H
#define NRM_WIRE_STATEMENT_BODY_H

#include "proto/statement.pb-c.h"
#include "proto/wire/message.h"

struct nrm_body_form {
	Nrm__Statement__BodyCase member;
	const ProtobufCMessageDescriptor *type;
	/* From the body's message, checked, to ret_statement->body; borrows from it and from `arena`. */
	enum nrm_err (*read)(const void *message, struct nrm_arena *arena,
			     struct nrm_statement *ret_statement);
	/* From statement->body to an initialised message, borrowing likewise. */
	enum nrm_err (*write)(const struct nrm_statement *statement, struct nrm_arena *arena,
			      void *message);
};

extern const struct nrm_body_form nrm_body_forms[NRM_MESSAGE_TYPE_END_];

/* Rows that have a file of their own. */
enum nrm_err nrm_consent_grant_read(const void *message, struct nrm_arena *arena,
				    struct nrm_statement *ret_statement) NRM_MUST_USE;
enum nrm_err nrm_consent_grant_write(const struct nrm_statement *statement, struct nrm_arena *arena,
				     void *message) NRM_MUST_USE;
enum nrm_err nrm_case_card_read(const void *message, struct nrm_arena *arena,
				struct nrm_statement *ret_statement) NRM_MUST_USE;
enum nrm_err nrm_case_card_write(const struct nrm_statement *statement, struct nrm_arena *arena,
				 void *message) NRM_MUST_USE;
/*
 * Facts, wherever they stand in a message: read, each thing once (NRM_ERR_DUPLICATE), their list from `arena`; and
 * written into a list from it. The caller has seen to their number.
 */
enum nrm_err nrm_facts_read(Nrm__Fact *const *message, size_t n, struct nrm_arena *arena,
			    struct nrm_case_card *ret_card) NRM_MUST_USE;
enum nrm_err nrm_facts_write(const struct nrm_case_card *card, struct nrm_arena *arena,
			     size_t *ret_n, Nrm__Fact ***ret_message) NRM_MUST_USE;
enum nrm_err nrm_erasure_order_read(const void *message, struct nrm_arena *arena,
				    struct nrm_statement *ret_statement) NRM_MUST_USE;
enum nrm_err nrm_erasure_order_write(const struct nrm_statement *statement, struct nrm_arena *arena,
				     void *message) NRM_MUST_USE;
enum nrm_err nrm_erasure_confirmation_read(const void *message, struct nrm_arena *arena,
					   struct nrm_statement *ret_statement) NRM_MUST_USE;
enum nrm_err nrm_erasure_confirmation_write(const struct nrm_statement *statement,
					    struct nrm_arena *arena, void *message) NRM_MUST_USE;

#endif
