/*
 * Every ceiling of the system, in one place. Sizes are bytes unless a name says otherwise.
 */
#ifndef NRM_BASE_LIMITS_H
#define NRM_BASE_LIMITS_H

/* Wire (protocol.md, Checks and Frames) */
#define NRM_MAX_FRAME	     (320u * 1024) /* one ZeroMQ message */
#define NRM_MAX_FRAME_ITEMS  256u	   /* envelopes, acks, deliveries in it */
#define NRM_MAX_ENVELOPE     (256u * 1024)
#define NRM_MAX_STATEMENT    (16u * 1024)
#define NRM_MAX_FIELDS	     64u    /* sealed fields of an envelope */
#define NRM_MAX_PLAINTEXT    65535u /* one field's value */
#define NRM_MAX_CIPHERTEXT   (65536u + 16)
#define NRM_MAX_SIGNED_ITEMS 256u		/* statements or acks under one signature */
#define NRM_MAX_PROOF_PATH   8u			/* log2 of the above */
#define NRM_MAX_FRAME_ARENA  (4u * 1024 * 1024) /* memory that decoding one frame may take */
#define NRM_MAX_AGGREGATE    (16u * 1024)	/* an agency's monthly statement */
#define NRM_MAX_LEAF	     65535u
#define NRM_MAX_NOTE	     (64u * 1024) /* a checkpoint with its cosignatures */
#define NRM_MAX_TREE_PATH    64u	  /* inclusion or consistency path of the trail */

/* Times, in milliseconds (protocol.md, Time and Repeats) */
#define NRM_MAX_LIFETIME_MS  (30ull * 24 * 3600 * 1000) /* of a statement */
#define NRM_MAX_AHEAD_MS     (5ull * 60 * 1000)		/* issued in the future */
#define NRM_MAX_UNPROVED_MS  (3600ull * 1000)		/* from a leaf told to its proof */
#define NRM_WITNESS_EVERY_MS (60ull * 1000)		/* between two heads that agents cosign */
#define NRM_WITNESS_AGAIN_MS (3600ull * 1000) /* until they are asked about the same head again */
#define NRM_MAX_UNVOUCHED_MS (24ull * 3600 * 1000) /* without a quorum, then it is an alarm */
#define NRM_KEEP_ID_MS	     (24ull * 3600 * 1000) /* ids are kept at least this long after expiry */

/* Identifiers */
#define NRM_MAX_ID	     63u /* participant id: two letters, a dot, a slug of 1-60 */
#define NRM_MAX_REGION	     16u
#define NRM_MAX_LANGUAGE_TAG 35u
#define NRM_MAX_LEGAL_GROUND 32u

/* One statement's lists */
#define NRM_MAX_CONSENT_RECIPIENTS 16u
#define NRM_MAX_CONSENT_COUNTRIES  8u
#define NRM_MAX_CARD_FACTS	   32u
#define NRM_MAX_ERASURES	   256u /* messages that one erasure order names */

/* One case */
#define NRM_MAX_CASE_CONSENTS	  64u
#define NRM_MAX_CASE_PARTIES	  64u
#define NRM_MAX_CASE_EXCLUDED	  32u
#define NRM_MAX_CONSENT_RECORDERS 8u
#define NRM_MAX_RECORD_ARENA	  (256u * 1024 * 1024) /* memory that a person's own record may take */
#define NRM_MAX_CASE_FACTS	  64u /* told of a case: one of each kind, assessments, exclusions */

/* Directory and configuration */
#define NRM_MAX_YAML	     (1024u * 1024)
#define NRM_MAX_YAML_DEPTH   32u
#define NRM_MAX_YAML_MEMORY  (64u * 1024 * 1024) /* that the tree of one document may take */
#define NRM_MAX_PARTICIPANTS 4096u
#define NRM_MAX_DISPLAY_NAME 120u
#define NRM_MAX_DIRECTORY \
	(256u * 1024) /* compiled: it travels in a Welcome beside policy and checkpoint */
#define NRM_MAX_DIRECTORY_ARENA (8u * 1024 * 1024) /* memory that decoding one may take */
#define NRM_MAX_ENDPOINT	255u
#define NRM_MAX_VERIFIER_KEYS	8u /* of the trail: the current one and its predecessors */
#define NRM_MAX_KEY_FILE	(16u * 1024)

/* Vocabulary */
#define NRM_MAX_LANGUAGES   32u
#define NRM_MAX_LABEL	    240u  /* of a code in one language: Khmer takes three bytes a letter */
#define NRM_MAX_EXPLANATION 1200u /* one line */

/*
 * Policy. A Welcome carries directory, policy and checkpoint in one frame; a checkpoint as the broker signs it, without
 * cosignatures, takes less than NRM_MAX_HEAD.
 */
#define NRM_MAX_POLICY (48u * 1024) /* the file as it was signed */
#define NRM_MAX_HEAD   1024u
_Static_assert(NRM_MAX_DIRECTORY + NRM_MAX_POLICY + NRM_MAX_HEAD + 1024u <= NRM_MAX_FRAME,
	       "a Welcome with all that it may carry fits one frame");
/* Lines of a kind in it */
#define NRM_MAX_WALLS	      32u
#define NRM_MAX_SECRECIES     16u
#define NRM_MAX_DUTIES	      64u
#define NRM_MAX_POLICY_GROUPS 32u

/* Broker */
#define NRM_MAX_SESSIONS	    4096u
#define NRM_MAX_SUBMIT_CREDIT	    1024u /* envelopes a session may have without a receipt */
#define NRM_MAX_DELIVER_CREDIT	    4096u /* deliveries a session may ask for ahead */
#define NRM_MAX_IN_FLIGHT	    (1024u * 1024) /* bytes delivered and not acknowledged, a session */
#define NRM_MAX_MAILBOX		    100000u	   /* messages waiting for one participant */
#define NRM_MAX_CONNECTIONS_PER_KEY 4u
#define NRM_HANDSHAKE_BURST	    10u	   /* and one a second */
#define NRM_MAX_SILENCE_MS	    10000u /* from a connection's beginning to its first frame */
#define NRM_MAX_UNVERIFIED	    (8u * 1024 * 1024) /* bytes of frames waiting for verification */
#define NRM_MAX_UNDECIDED	    (8u * 1024 * 1024) /* bytes of verified frames waiting for the core */
#define NRM_MAX_BACKLOG \
	(2u * 1024 * 1024) /* bytes kept for a peer that does not read, then it is cut off */

/* The auditor's page */
#define NRM_MAX_PAGE_URI	 (8u * 1024)
#define NRM_MAX_PAGE_CONNECTIONS 64u
#define NRM_MAX_PAGE_SILENCE_MS \
	20000u /* from a connection's beginning, or its last answer, to a whole request */
#define NRM_MAX_PAGE_SEND_MS	60000u /* that a client may take to read an answer */
#define NRM_MAX_PAGE_ANSWER	(32u * 1024 * 1024)
#define NRM_MAX_PAGE_ANSWER_MS	30000u /* that the reader may take for one */
#define NRM_MAX_PAGE_LIST	500u   /* leaves, participants in one answer */
#define NRM_MAX_PAGE_SCAN_MS	100u   /* records that one request has read */
#define NRM_MAX_PAGE_REFUSALS	4u     /* wrong passwords that wait for their answer at once */
#define NRM_MAX_PAGE_REFUSAL_MS 1000u  /* how long they do */
#define NRM_MAX_PAGE_NAMES	64u    /* of who may see the page; and of its hosts */
#define NRM_MAX_PASSWORD	1024u

#endif
