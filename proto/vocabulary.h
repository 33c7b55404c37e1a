/*
 * The vocabulary: every code that two parties must spell alike, in one X-macro list a kind
 * (requirements.md sections 1-3, policy.md). Numbers are those of vocabulary.proto and never change;
 * a test holds the two together. Zero is "absent" everywhere, but for an outcome, where it is refuse.
 */
#ifndef NRM_VOCABULARY_H
#define NRM_VOCABULARY_H

#include <stddef.h>
#include <stdint.h>

/* clang-format off */

/* What an agency is (requirements.md section 1). */
#define NRM_ROLES(X) \
	X(POLICE, 1, "police") \
	X(PROSECUTOR, 2, "prosecutor") \
	X(COURT, 3, "court") \
	X(LABOUR_INSPECTION, 4, "labour_inspection") \
	X(IMMIGRATION_ENFORCEMENT, 5, "immigration_enforcement") \
	X(RESIDENCE_AUTHORITY, 6, "residence_authority") \
	X(ASYLUM_AUTHORITY, 7, "asylum_authority") \
	X(SOCIAL_SERVICES, 8, "social_services") \
	X(CHILD_PROTECTION, 9, "child_protection") \
	X(GUARDIAN, 10, "guardian") \
	X(HEALTH, 11, "health") \
	X(PSYCHOSOCIAL, 12, "psychosocial") \
	X(SHELTER, 13, "shelter") \
	X(EDUCATION, 14, "education") \
	X(VOCATIONAL, 15, "vocational") \
	X(EMPLOYMENT_SERVICE, 16, "employment_service") \
	X(LEGAL_AID, 17, "legal_aid") \
	X(CIVIL_REGISTRY, 18, "civil_registry") \
	X(COMPENSATION_FUND, 19, "compensation_fund") \
	X(CONSULAR, 20, "consular") \
	X(NGO_CASE_MANAGER, 21, "ngo_case_manager") \
	X(COORDINATOR, 22, "coordinator") \
	X(INTERPRETER, 23, "interpreter") \
	X(OMBUDSMAN, 24, "ombudsman") \
	X(FOREIGN_NRM, 25, "foreign_nrm") \
	X(AUDITOR, 26, "auditor") \
	X(NATIONAL_RAPPORTEUR, 27, "national_rapporteur") \
	X(DONOR, 28, "donor")

/* Areas of service (requirements.md section 2). */
#define NRM_AREAS(X) \
	X(HOUSING, 1, "housing") \
	X(MEDICAL, 2, "medical") \
	X(PSYCHOSOCIAL, 3, "psychosocial") \
	X(EDUCATION, 4, "education") \
	X(ECONOMIC, 5, "economic") \
	X(ADMINISTRATIVE, 6, "administrative") \
	X(LEGAL, 7, "legal") \
	X(SAFETY, 8, "safety") \
	X(FAMILY, 9, "family") \
	X(CASE_MANAGEMENT, 10, "case_management")

/* Services, each in one area (requirements.md section 2). */
#define NRM_SERVICES(X) \
	X(EMERGENCY_SHELTER, 1, "emergency_shelter", NRM_AREA_HOUSING) \
	X(TRANSIT_SHELTER, 2, "transit_shelter", NRM_AREA_HOUSING) \
	X(LONG_TERM_HOUSING, 3, "long_term_housing", NRM_AREA_HOUSING) \
	X(RENT_SUPPORT, 4, "rent_support", NRM_AREA_HOUSING) \
	X(FOSTER_OR_KINSHIP_CARE, 5, "foster_or_kinship_care", NRM_AREA_HOUSING) \
	X(FAMILY_REUNIFICATION, 6, "family_reunification", NRM_AREA_HOUSING) \
	X(EMERGENCY_MEDICAL, 7, "emergency_medical", NRM_AREA_MEDICAL) \
	X(MEDICAL_CHECKUP, 8, "medical_checkup", NRM_AREA_MEDICAL) \
	X(CHRONIC_CARE, 9, "chronic_care", NRM_AREA_MEDICAL) \
	X(SEXUAL_REPRODUCTIVE_HEALTH, 10, "sexual_reproductive_health", NRM_AREA_MEDICAL) \
	X(INFECTION_TESTING, 11, "infection_testing", NRM_AREA_MEDICAL) \
	X(DISABILITY_SUPPORT, 12, "disability_support", NRM_AREA_MEDICAL) \
	X(SUBSTANCE_TREATMENT, 13, "substance_treatment", NRM_AREA_MEDICAL) \
	X(MEDICAL_RECORDS_TRANSFER, 14, "medical_records_transfer", NRM_AREA_MEDICAL) \
	X(COUNSELLING, 15, "counselling", NRM_AREA_PSYCHOSOCIAL) \
	X(PSYCHIATRIC_CARE, 16, "psychiatric_care", NRM_AREA_PSYCHOSOCIAL) \
	X(PEER_SUPPORT, 17, "peer_support", NRM_AREA_PSYCHOSOCIAL) \
	X(FAMILY_COUNSELLING, 18, "family_counselling", NRM_AREA_PSYCHOSOCIAL) \
	X(INFORMAL_SUPPORT, 19, "informal_support", NRM_AREA_PSYCHOSOCIAL) \
	X(RECREATION, 20, "recreation", NRM_AREA_PSYCHOSOCIAL) \
	X(SCHOOL_ENROLMENT, 21, "school_enrolment", NRM_AREA_EDUCATION) \
	X(CATCH_UP_EDUCATION, 22, "catch_up_education", NRM_AREA_EDUCATION) \
	X(LANGUAGE_COURSE, 23, "language_course", NRM_AREA_EDUCATION) \
	X(LIFE_SKILLS, 24, "life_skills", NRM_AREA_EDUCATION) \
	X(DIPLOMA_RECOGNITION, 25, "diploma_recognition", NRM_AREA_EDUCATION) \
	X(VOCATIONAL_TRAINING, 26, "vocational_training", NRM_AREA_ECONOMIC) \
	X(JOB_PLACEMENT, 27, "job_placement", NRM_AREA_ECONOMIC) \
	X(BUSINESS_SUPPORT, 28, "business_support", NRM_AREA_ECONOMIC) \
	X(FINANCIAL_AID, 29, "financial_aid", NRM_AREA_ECONOMIC) \
	X(MATERIAL_ASSISTANCE, 30, "material_assistance", NRM_AREA_ECONOMIC) \
	X(CHILDCARE, 31, "childcare", NRM_AREA_ECONOMIC) \
	X(IDENTITY_DOCUMENT, 32, "identity_document", NRM_AREA_ADMINISTRATIVE) \
	X(BIRTH_REGISTRATION, 33, "birth_registration", NRM_AREA_ADMINISTRATIVE) \
	X(RESIDENCE_PERMIT, 34, "residence_permit", NRM_AREA_ADMINISTRATIVE) \
	X(REFLECTION_PERIOD, 35, "reflection_period", NRM_AREA_ADMINISTRATIVE) \
	X(VICTIM_CERTIFICATION, 36, "victim_certification", NRM_AREA_ADMINISTRATIVE) \
	X(GUARDIANSHIP_APPOINTMENT, 37, "guardianship_appointment", NRM_AREA_ADMINISTRATIVE) \
	X(CIVIL_STATUS, 38, "civil_status", NRM_AREA_ADMINISTRATIVE) \
	X(LEGAL_ADVICE, 39, "legal_advice", NRM_AREA_LEGAL) \
	X(LEGAL_REPRESENTATION, 40, "legal_representation", NRM_AREA_LEGAL) \
	X(CRIMINAL_STATEMENT, 41, "criminal_statement", NRM_AREA_LEGAL) \
	X(COMPENSATION_CLAIM, 42, "compensation_claim", NRM_AREA_LEGAL) \
	X(LABOUR_CLAIM, 43, "labour_claim", NRM_AREA_LEGAL) \
	X(WITNESS_PROTECTION, 44, "witness_protection", NRM_AREA_LEGAL) \
	X(RECORD_CLEARANCE, 45, "record_clearance", NRM_AREA_LEGAL) \
	X(ASYLUM_REFERRAL, 46, "asylum_referral", NRM_AREA_LEGAL) \
	X(LEGAL_STATUS_UPDATE, 47, "legal_status_update", NRM_AREA_LEGAL) \
	X(SECURITY_RISK_ASSESSMENT, 48, "security_risk_assessment", NRM_AREA_SAFETY) \
	X(FAMILY_RISK_ASSESSMENT, 49, "family_risk_assessment", NRM_AREA_SAFETY) \
	X(SAFETY_PLAN, 50, "safety_plan", NRM_AREA_SAFETY) \
	X(POLICE_PROTECTION, 51, "police_protection", NRM_AREA_SAFETY) \
	X(FAMILY_TRACING, 52, "family_tracing", NRM_AREA_FAMILY) \
	X(FAMILY_CONTACT, 53, "family_contact", NRM_AREA_FAMILY) \
	X(PARENTING_SUPPORT, 54, "parenting_support", NRM_AREA_FAMILY) \
	X(NEEDS_ASSESSMENT, 55, "needs_assessment", NRM_AREA_CASE_MANAGEMENT) \
	X(BEST_INTERESTS_ASSESSMENT, 56, "best_interests_assessment", NRM_AREA_CASE_MANAGEMENT) \
	X(INCLUSION_PLAN, 57, "inclusion_plan", NRM_AREA_CASE_MANAGEMENT) \
	X(FOLLOW_UP, 58, "follow_up", NRM_AREA_CASE_MANAGEMENT) \
	X(SAFE_RETURN, 59, "safe_return", NRM_AREA_CASE_MANAGEMENT) \
	X(RESETTLEMENT, 60, "resettlement", NRM_AREA_CASE_MANAGEMENT) \
	X(INTERPRETATION, 61, "interpretation", NRM_AREA_CASE_MANAGEMENT)

/* Categories of fields (policy.md, Vocabulary). */
#define NRM_CATEGORIES(X) \
	X(IDENTITY, 1, "identity") \
	X(CONTACT, 2, "contact") \
	X(LOCATION, 3, "location") \
	X(SAFETY, 4, "safety") \
	X(EXPLOITATION, 5, "exploitation") \
	X(JUSTICE, 6, "justice") \
	X(MIGRATION, 7, "migration") \
	X(HEALTH, 8, "health") \
	X(SENSITIVE, 9, "sensitive") \
	X(SOCIAL, 10, "social")

/* The data dictionary, each field in one category (policy.md, Vocabulary). */
#define NRM_FIELDS(X) \
	X(GIVEN_NAME, 1, "given_name", NRM_CATEGORY_IDENTITY) \
	X(FAMILY_NAME, 2, "family_name", NRM_CATEGORY_IDENTITY) \
	X(PREFERRED_NAME, 3, "preferred_name", NRM_CATEGORY_IDENTITY) \
	X(BIRTH_DATE, 4, "birth_date", NRM_CATEGORY_IDENTITY) \
	X(AGE_YEARS, 5, "age_years", NRM_CATEGORY_IDENTITY) \
	X(GENDER, 6, "gender", NRM_CATEGORY_IDENTITY) \
	X(NATIONALITY, 7, "nationality", NRM_CATEGORY_IDENTITY) \
	X(PLACE_OF_BIRTH, 8, "place_of_birth", NRM_CATEGORY_IDENTITY) \
	X(IDENTITY_DOCUMENT, 9, "identity_document", NRM_CATEGORY_IDENTITY) \
	X(PARENTS_NAMES, 10, "parents_names", NRM_CATEGORY_IDENTITY) \
	X(DOCUMENTS_MISSING, 11, "documents_missing", NRM_CATEGORY_IDENTITY) \
	X(LANGUAGES, 12, "languages", NRM_CATEGORY_CONTACT) \
	X(INTERPRETER_NEEDS, 13, "interpreter_needs", NRM_CATEGORY_CONTACT) \
	X(LITERACY, 14, "literacy", NRM_CATEGORY_CONTACT) \
	X(SAFE_CONTACT, 15, "safe_contact", NRM_CATEGORY_CONTACT) \
	X(HOME_ADDRESS, 16, "home_address", NRM_CATEGORY_CONTACT) \
	X(GUARDIAN_CONTACT, 17, "guardian_contact", NRM_CATEGORY_CONTACT) \
	X(PRESENT_LOCATION, 18, "present_location", NRM_CATEGORY_LOCATION) \
	X(SHELTER_ADDRESS, 19, "shelter_address", NRM_CATEGORY_LOCATION) \
	X(HANDOVER_POINT, 20, "handover_point", NRM_CATEGORY_LOCATION) \
	X(RISK_LEVEL, 21, "risk_level", NRM_CATEGORY_SAFETY) \
	X(RISK_SOURCES, 22, "risk_sources", NRM_CATEGORY_SAFETY) \
	X(SAFETY_PLAN, 23, "safety_plan", NRM_CATEGORY_SAFETY) \
	X(EXPLOITATION_FORM, 24, "exploitation_form", NRM_CATEGORY_EXPLOITATION) \
	X(EXPLOITATION_HISTORY, 25, "exploitation_history", NRM_CATEGORY_EXPLOITATION) \
	X(RECRUITMENT_AND_ROUTE, 26, "recruitment_and_route", NRM_CATEGORY_EXPLOITATION) \
	X(SUSPECTS, 27, "suspects", NRM_CATEGORY_EXPLOITATION) \
	X(EVIDENCE_REFERENCE, 28, "evidence_reference", NRM_CATEGORY_EXPLOITATION) \
	X(OFFENCE_RECORD, 29, "offence_record", NRM_CATEGORY_JUSTICE) \
	X(LEGAL_CASE_STATUS, 30, "legal_case_status", NRM_CATEGORY_JUSTICE) \
	X(CLAIM_DETAILS, 31, "claim_details", NRM_CATEGORY_JUSTICE) \
	X(ENTRY_AND_STAY, 32, "entry_and_stay", NRM_CATEGORY_MIGRATION) \
	X(RESIDENCE_STATUS, 33, "residence_status", NRM_CATEGORY_MIGRATION) \
	X(ASYLUM_CLAIM, 34, "asylum_claim", NRM_CATEGORY_MIGRATION) \
	X(URGENT_HEALTH_NEEDS, 35, "urgent_health_needs", NRM_CATEGORY_HEALTH) \
	X(HEALTH_CONDITIONS, 36, "health_conditions", NRM_CATEGORY_HEALTH) \
	X(MENTAL_HEALTH, 37, "mental_health", NRM_CATEGORY_HEALTH) \
	X(DISABILITY_AND_ACCESS, 38, "disability_and_access", NRM_CATEGORY_HEALTH) \
	X(SUBSTANCE_USE, 39, "substance_use", NRM_CATEGORY_HEALTH) \
	X(MEDICAL_RECORDS, 40, "medical_records", NRM_CATEGORY_HEALTH) \
	X(REPRODUCTIVE_HEALTH, 41, "reproductive_health", NRM_CATEGORY_HEALTH) \
	X(INFECTION_STATUS, 42, "infection_status", NRM_CATEGORY_SENSITIVE) \
	X(RELIGION, 43, "religion", NRM_CATEGORY_SENSITIVE) \
	X(ORIENTATION_AND_IDENTITY, 44, "orientation_and_identity", NRM_CATEGORY_SENSITIVE) \
	X(FAMILY, 45, "family", NRM_CATEGORY_SOCIAL) \
	X(DEPENDANTS, 46, "dependants", NRM_CATEGORY_SOCIAL) \
	X(EDUCATION_LEVEL, 47, "education_level", NRM_CATEGORY_SOCIAL) \
	X(SKILLS, 48, "skills", NRM_CATEGORY_SOCIAL) \
	X(WORK_PREFERENCES, 49, "work_preferences", NRM_CATEGORY_SOCIAL) \
	X(FINANCES, 50, "finances", NRM_CATEGORY_SOCIAL) \
	X(HOUSING_NEEDS, 51, "housing_needs", NRM_CATEGORY_SOCIAL) \
	X(SUPPORT_NEEDS, 52, "support_needs", NRM_CATEGORY_SOCIAL) \
	X(IMMEDIATE_NEEDS, 53, "immediate_needs", NRM_CATEGORY_SOCIAL) \
	X(INCLUSION_PLAN, 54, "inclusion_plan", NRM_CATEGORY_SOCIAL) \
	X(OUTCOME_NOTES, 55, "outcome_notes", NRM_CATEGORY_SOCIAL) \
	X(WISHES, 56, "wishes", NRM_CATEGORY_SOCIAL) \
	X(COMPLAINT_STATEMENT, 57, "complaint_statement", NRM_CATEGORY_SOCIAL)

/* Types of message. */
#define NRM_MESSAGE_TYPES(X) \
	X(REFERRAL, 1, "referral") \
	X(RESPONSE, 2, "response") \
	X(UPDATE, 3, "update") \
	X(CONSENT_GRANT, 4, "consent_grant") \
	X(WITHDRAWAL, 5, "withdrawal") \
	X(CASE_CARD, 6, "case_card") \
	X(COMPLAINT, 7, "complaint") \
	X(NOTIFICATION, 8, "notification") \
	X(ERASURE_ORDER, 9, "erasure_order") \
	X(ERASURE_CONFIRMATION, 10, "erasure_confirmation") \
	X(NOTICE, 11, "notice")

/* Purposes a consent and a message state. */
#define NRM_PURPOSES(X) \
	X(ASSISTANCE, 1, "assistance") \
	X(PROTECTION, 2, "protection") \
	X(JUSTICE, 3, "justice") \
	X(RETURN, 4, "return")

/* Phases of a case (GMS SA7). */
#define NRM_PHASES(X) \
	X(CRISIS, 1, "crisis") \
	X(RECOVERY, 2, "recovery") \
	X(INCLUSION, 3, "inclusion")

/* Grounds on which a message rests (P13: no others exist). */
#define NRM_BASES(X) \
	X(CONSENT, 1, "consent") \
	X(EMERGENCY, 2, "emergency") \
	X(CHILD_PROTECTION, 3, "child_protection") \
	X(LEGAL_DUTY, 4, "legal_duty") \
	X(NONE, 5, "none")

/* Coded reasons of the emergency ground. */
#define NRM_EMERGENCIES(X) \
	X(CANNOT_DECIDE, 1, "cannot_decide") \
	X(LIFE_THREAT, 2, "life_threat") \
	X(THREAT_BY_TRAFFICKER, 3, "threat_by_trafficker") \
	X(SUICIDE_RISK, 4, "suicide_risk") \
	X(CHILD_ALONE, 5, "child_alone")

/* How soon an answer is needed. */
#define NRM_URGENCIES(X) \
	X(EMERGENCY, 1, "emergency") \
	X(URGENT, 2, "urgent") \
	X(NORMAL, 3, "normal")

/* Ways to contact the person (M7). */
#define NRM_CHANNELS(X) \
	X(PHONE, 1, "phone") \
	X(VISIT, 2, "visit") \
	X(POST, 3, "post") \
	X(SHELTER, 4, "shelter") \
	X(ONLINE, 5, "online")

/* Answers to a referral (P1). */
#define NRM_ANSWERS(X) \
	X(ACCEPT, 1, "accept") \
	X(DECLINE, 2, "decline") \
	X(NEED_INFO, 3, "need_info")

/* Reasons of a decline (P3, U1, U2). */
#define NRM_DECLINES(X) \
	X(NO_CAPACITY, 1, "no_capacity") \
	X(NOT_OUR_SERVICE, 2, "not_our_service") \
	X(OUT_OF_AREA, 3, "out_of_area") \
	X(PERSON_DECLINED, 4, "person_declined") \
	X(SAFETY_CONFLICT, 5, "safety_conflict") \
	X(NOT_COOPERATING, 6, "not_cooperating") \
	X(NO_CASE, 7, "no_case") \
	X(CASE_LOST, 8, "case_lost") \
	X(RESIDENCE_STATUS, 9, "residence_status") \
	X(NOT_IDENTIFIED, 10, "not_identified") \
	X(NO_DOCUMENTS, 11, "no_documents") \
	X(CANNOT_PAY, 12, "cannot_pay") \
	X(NOT_CAUSED_BY_TRAFFICKING, 13, "not_caused_by_trafficking") \
	X(PROTECTED_GROUND, 14, "protected_ground") \
	X(OTHER, 15, "other")

/* Steps an update reports (P1). */
#define NRM_STEPS(X) \
	X(INFORMATION, 1, "information") \
	X(START, 2, "start") \
	X(COMPLETE, 3, "complete") \
	X(CLOSE, 4, "close") \
	X(REOPEN, 5, "reopen")

/* Outcome domains (P11, GMS Table 6). */
#define NRM_DOMAINS(X) \
	X(SAFE_PLACE, 1, "safe_place") \
	X(PHYSICAL_WELLBEING, 2, "physical_wellbeing") \
	X(MENTAL_WELLBEING, 3, "mental_wellbeing") \
	X(LEGAL_STATUS, 4, "legal_status") \
	X(SAFETY, 5, "safety") \
	X(ECONOMIC, 6, "economic") \
	X(EDUCATION, 7, "education") \
	X(SOCIAL, 8, "social") \
	X(BEST_INTERESTS_IN_LEGAL_PROCESS, 9, "best_interests_in_legal_process") \
	X(FAMILY, 10, "family")

/* How a domain stands. */
#define NRM_PROGRESSES(X) \
	X(IMPROVED, 1, "improved") \
	X(UNCHANGED, 2, "unchanged") \
	X(WORSENED, 3, "worsened")

/* What a notice is about. */
#define NRM_NOTICE_KINDS(X) \
	X(EXPULSION, 1, "expulsion") \
	X(REMOVAL, 2, "removal") \
	X(RIGHTS_TOLD, 3, "rights_told") \
	X(NON_PUNISHMENT, 4, "non_punishment") \
	X(LEGAL_STATUS, 5, "legal_status") \
	X(VERDICT_CHANGED, 6, "verdict_changed") \
	X(RETURNED, 7, "returned")

/* Age class; absent counts as unknown (K1). */
#define NRM_AGE_CLASSES(X) \
	X(ADULT, 1, "adult") \
	X(CHILD, 2, "child") \
	X(UNKNOWN, 3, "unknown")

/* Who is guardian. */
#define NRM_GUARDIANS(X) \
	X(NONE, 1, "none") \
	X(PARENTS, 2, "parents") \
	X(PARTICIPANT, 3, "participant")

/* Assessments with dates. */
#define NRM_ASSESSMENTS(X) \
	X(BEST_INTERESTS, 1, "best_interests") \
	X(BEST_INTERESTS_DETERMINATION, 2, "best_interests_determination") \
	X(SECURITY_RISK, 3, "security_risk") \
	X(FAMILY_RISK, 4, "family_risk") \
	X(INCLUSION, 5, "inclusion") \
	X(VOLUNTARY_RETURN, 6, "voluntary_return") \
	X(RECEIVING_MANAGER_ACCEPTED, 7, "receiving_manager_accepted") \
	X(COURT_DECISION, 8, "court_decision")

/* Facts a case card states (policy.md, Facts). */
#define NRM_FACTS(X) \
	X(AGE_CLASS, 1, "age_class") \
	X(ADULT_SINCE, 2, "adult_since") \
	X(GUARDIAN, 3, "guardian") \
	X(COMPLICIT_PARENT, 4, "complicit_parent") \
	X(EXCLUDED, 5, "excluded") \
	X(LAST_THREAT, 6, "last_threat") \
	X(REFUSED, 7, "refused") \
	X(CONTACT, 8, "contact") \
	X(ASYLUM_SEEKER, 9, "asylum_seeker") \
	X(CONSULATE_WISHED, 10, "consulate_wished") \
	X(REFLECTION_UNTIL, 11, "reflection_until") \
	X(ASSESSMENT, 12, "assessment") \
	X(RECEIVING_MANAGER, 13, "receiving_manager")

/* Who gave a consent (K3). */
#define NRM_GIVEN_BY(X) \
	X(ADULT, 1, "adult") \
	X(ADULT_WITH_SUPPORTER, 2, "adult_with_supporter") \
	X(CHILD_AND_GUARDIAN, 3, "child_and_guardian") \
	X(GUARDIAN, 4, "guardian") \
	X(PARENT, 5, "parent") \
	X(CHILD, 6, "child")

/* Whether a child was heard (K3). */
#define NRM_HEARD(X) \
	X(HEARD, 1, "heard") \
	X(NOT_HEARD, 2, "not_heard") \
	X(NOT_CAPABLE, 3, "not_capable")

/* How a consent was explained (C5). */
#define NRM_MODES(X) \
	X(ORAL, 1, "oral") \
	X(WRITTEN, 2, "written") \
	X(REMOTE, 3, "remote")

/* Outcomes of a decision; zero is refuse on purpose. */
#define NRM_OUTCOMES(X) \
	X(FORWARD, 1, "forward") \
	X(HOLD, 2, "hold")

/* Reasons of a verdict and of a withheld field. */
#define NRM_REASONS(X) \
	X(OK, 1, "OK") \
	X(UNKNOWN_PARTICIPANT, 2, "UNKNOWN_PARTICIPANT") \
	X(FIELDS_NOT_ALLOWED, 3, "FIELDS_NOT_ALLOWED") \
	X(EXCLUDED, 4, "EXCLUDED") \
	X(NOT_OFFERED, 5, "NOT_OFFERED") \
	X(FIREWALL, 6, "FIREWALL") \
	X(CHILD_DETENTION, 7, "CHILD_DETENTION") \
	X(DETENTION, 8, "DETENTION") \
	X(COMPLAINT_ROUTE, 9, "COMPLAINT_ROUTE") \
	X(CONDITIONAL_HELP, 10, "CONDITIONAL_HELP") \
	X(DISCRIMINATORY, 11, "DISCRIMINATORY") \
	X(NO_APPEAL_ROUTE, 12, "NO_APPEAL_ROUTE") \
	X(CONTACT_PREFERENCE, 13, "CONTACT_PREFERENCE") \
	X(CONSULATE_NOT_WISHED, 14, "CONSULATE_NOT_WISHED") \
	X(REFLECTION_PERIOD, 15, "REFLECTION_PERIOD") \
	X(WRONG_PURPOSE, 16, "WRONG_PURPOSE") \
	X(BASIS_NOT_ALLOWED, 17, "BASIS_NOT_ALLOWED") \
	X(NO_CONSENT, 18, "NO_CONSENT") \
	X(CONSENT_WITHDRAWN, 19, "CONSENT_WITHDRAWN") \
	X(CONSENT_EXPIRED, 20, "CONSENT_EXPIRED") \
	X(CONSENT_INVALID, 21, "CONSENT_INVALID") \
	X(COUNTRY_NOT_COVERED, 22, "COUNTRY_NOT_COVERED") \
	X(GUARDIAN_MISSING, 23, "GUARDIAN_MISSING") \
	X(BEST_INTERESTS_MISSING, 24, "BEST_INTERESTS_MISSING") \
	X(ASYLUM_PENDING, 25, "ASYLUM_PENDING") \
	X(RETURN_EVIDENCE_MISSING, 26, "RETURN_EVIDENCE_MISSING") \
	X(SECRET, 27, "SECRET") \
	X(NOT_NEEDED, 28, "NOT_NEEDED") \
	X(NOT_CONSENTED, 29, "NOT_CONSENTED") \
	X(FACT_NOT_ALLOWED, 30, "FACT_NOT_ALLOWED") \
	X(NO_CASE, 31, "NO_CASE") \
	X(DIRECTORY_EXPIRED, 32, "DIRECTORY_EXPIRED") \
	X(EXPIRED, 33, "EXPIRED")

/* What falls due after a verdict. */
#define NRM_OBLIGATIONS(X) \
	X(REVIEW_CONSENT, 1, "review_consent") \
	X(REVIEW_BY_COORDINATOR, 2, "review_by_coordinator") \
	X(TELL_THE_SUBJECT, 3, "tell_the_subject") \
	X(ALERT_COORDINATOR, 4, "alert_coordinator") \
	X(SUGGEST_PROVIDER, 5, "suggest_provider") \
	X(ALERT_EXPULSION, 6, "alert_expulsion") \
	X(REQUEST_GUARDIANSHIP, 7, "request_guardianship") \
	X(INFORM_GUARDIAN, 8, "inform_guardian")

/* Kinds of leaf: a decision on a message has the number of its type. */
#define NRM_EVENTS(X) \
	X(REFERRAL, 1, "referral") \
	X(RESPONSE, 2, "response") \
	X(UPDATE, 3, "update") \
	X(CONSENT_GRANT, 4, "consent_grant") \
	X(WITHDRAWAL, 5, "withdrawal") \
	X(CASE_CARD, 6, "case_card") \
	X(COMPLAINT, 7, "complaint") \
	X(NOTIFICATION, 8, "notification") \
	X(ERASURE_ORDER, 9, "erasure_order") \
	X(ERASURE_CONFIRMATION, 10, "erasure_confirmation") \
	X(NOTICE, 11, "notice") \
	X(ACKNOWLEDGEMENT, 12, "acknowledgement") \
	X(REDECISION, 13, "redecision") \
	X(RETURN, 14, "return") \
	X(DIRECTORY, 15, "directory") \
	X(POLICY, 16, "policy") \
	X(SUSPENSION, 17, "suspension") \
	X(FORGETTING, 18, "forgetting") \
	X(GENESIS, 19, "genesis") \
	X(AGGREGATE, 20, "aggregate")

/* What a recipient acknowledges. */
#define NRM_ACKS(X) \
	X(OK, 1, "ok") \
	X(CANNOT_OPEN, 2, "cannot_open") \
	X(BAD_COMMITMENT, 3, "bad_commitment")

/* Why a frame or an item of it is refused without a trace. */
#define NRM_REFUSALS(X) \
	X(MALFORMED, 1, "MALFORMED") \
	X(TOO_LARGE, 2, "TOO_LARGE") \
	X(WRONG_DIRECTION, 3, "WRONG_DIRECTION") \
	X(NO_SESSION, 4, "NO_SESSION") \
	X(NOT_CANONICAL, 5, "NOT_CANONICAL") \
	X(UNKNOWN_CODE, 6, "UNKNOWN_CODE") \
	X(UNKNOWN_ELEMENT, 7, "UNKNOWN_ELEMENT") \
	X(UNKNOWN_PARTICIPANT, 8, "UNKNOWN_PARTICIPANT") \
	X(NOT_YOUR_IDENTITY, 9, "NOT_YOUR_IDENTITY") \
	X(BAD_SIGNATURE, 10, "BAD_SIGNATURE") \
	X(BAD_PATH, 11, "BAD_PATH") \
	X(COMMITMENT_MISMATCH, 12, "COMMITMENT_MISMATCH") \
	X(DUPLICATE_FIELD, 13, "DUPLICATE_FIELD") \
	X(BODY_MISMATCH, 14, "BODY_MISMATCH") \
	X(VERSION_TOO_NEW, 15, "VERSION_TOO_NEW") \
	X(NOT_YET, 16, "NOT_YET") \
	X(EXPIRED, 17, "EXPIRED") \
	X(ID_REUSED, 18, "ID_REUSED") \
	X(STALE_KEY, 19, "STALE_KEY") \
	X(NO_CREDIT, 20, "NO_CREDIT") \
	X(BUSY, 21, "BUSY") \
	X(STORAGE_FULL, 22, "STORAGE_FULL") \
	X(MAILBOX_FULL, 23, "MAILBOX_FULL") \
	X(BAD_ID, 24, "BAD_ID") \
	X(UNKNOWN_ACK, 25, "UNKNOWN_ACK") \
	X(WRONG_RECIPIENT, 26, "WRONG_RECIPIENT") \
	X(TOO_MANY_CASES, 27, "TOO_MANY_CASES") \
	X(DIRECTORY_CHANGED, 28, "DIRECTORY_CHANGED")

/* Kinds of organisation (requirements.md section 1). */
#define NRM_ORG_KINDS(X) \
	X(GOVERNMENT, 1, "government") \
	X(NGO, 2, "ngo") \
	X(INTERNATIONAL, 3, "international") \
	X(PRIVATE_SECTOR, 4, "private_sector")

/* Status of a participant in the directory. */
#define NRM_STATUSES(X) \
	X(ACTIVE, 1, "active") \
	X(SUSPENDED, 2, "suspended")

/* Key pairs of a participant, in the order of protocol.md. */
#define NRM_KEY_KINDS(X) \
	X(SIGNING, 1, "signing") \
	X(SEALING, 2, "sealing") \
	X(TRANSPORT, 3, "transport") \
	X(WITNESS, 4, "witness")

/* clang-format on */

#define NRM_X_(name, number, code) NRM_ROLE_##name = number,
enum nrm_role { NRM_ROLE_ABSENT = 0, NRM_ROLES(NRM_X_) NRM_ROLE_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_AREA_##name = number,
enum nrm_area { NRM_AREA_ABSENT = 0, NRM_AREAS(NRM_X_) NRM_AREA_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code, group) NRM_SERVICE_##name = number,
enum nrm_service { NRM_SERVICE_ABSENT = 0, NRM_SERVICES(NRM_X_) NRM_SERVICE_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_CATEGORY_##name = number,
enum nrm_category { NRM_CATEGORY_ABSENT = 0, NRM_CATEGORIES(NRM_X_) NRM_CATEGORY_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code, group) NRM_FIELD_##name = number,
enum nrm_field { NRM_FIELD_ABSENT = 0, NRM_FIELDS(NRM_X_) NRM_FIELD_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_MESSAGE_TYPE_##name = number,
enum nrm_message_type { NRM_MESSAGE_TYPE_ABSENT = 0, NRM_MESSAGE_TYPES(NRM_X_) NRM_MESSAGE_TYPE_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_PURPOSE_##name = number,
enum nrm_purpose { NRM_PURPOSE_ABSENT = 0, NRM_PURPOSES(NRM_X_) NRM_PURPOSE_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_PHASE_##name = number,
enum nrm_phase { NRM_PHASE_ABSENT = 0, NRM_PHASES(NRM_X_) NRM_PHASE_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_BASIS_##name = number,
enum nrm_basis { NRM_BASIS_ABSENT = 0, NRM_BASES(NRM_X_) NRM_BASIS_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_EMERGENCY_##name = number,
enum nrm_emergency { NRM_EMERGENCY_ABSENT = 0, NRM_EMERGENCIES(NRM_X_) NRM_EMERGENCY_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_URGENCY_##name = number,
enum nrm_urgency { NRM_URGENCY_ABSENT = 0, NRM_URGENCIES(NRM_X_) NRM_URGENCY_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_CHANNEL_##name = number,
enum nrm_channel { NRM_CHANNEL_ABSENT = 0, NRM_CHANNELS(NRM_X_) NRM_CHANNEL_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_ANSWER_##name = number,
enum nrm_answer { NRM_ANSWER_ABSENT = 0, NRM_ANSWERS(NRM_X_) NRM_ANSWER_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_DECLINE_##name = number,
enum nrm_decline { NRM_DECLINE_ABSENT = 0, NRM_DECLINES(NRM_X_) NRM_DECLINE_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_STEP_##name = number,
enum nrm_step { NRM_STEP_ABSENT = 0, NRM_STEPS(NRM_X_) NRM_STEP_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_DOMAIN_##name = number,
enum nrm_domain { NRM_DOMAIN_ABSENT = 0, NRM_DOMAINS(NRM_X_) NRM_DOMAIN_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_PROGRESS_##name = number,
enum nrm_progress { NRM_PROGRESS_ABSENT = 0, NRM_PROGRESSES(NRM_X_) NRM_PROGRESS_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_NOTICE_KIND_##name = number,
enum nrm_notice_kind { NRM_NOTICE_KIND_ABSENT = 0, NRM_NOTICE_KINDS(NRM_X_) NRM_NOTICE_KIND_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_AGE_CLASS_##name = number,
enum nrm_age_class { NRM_AGE_CLASS_ABSENT = 0, NRM_AGE_CLASSES(NRM_X_) NRM_AGE_CLASS_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_GUARDIAN_##name = number,
enum nrm_guardian { NRM_GUARDIAN_ABSENT = 0, NRM_GUARDIANS(NRM_X_) NRM_GUARDIAN_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_ASSESSMENT_##name = number,
enum nrm_assessment { NRM_ASSESSMENT_ABSENT = 0, NRM_ASSESSMENTS(NRM_X_) NRM_ASSESSMENT_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_FACT_##name = number,
enum nrm_fact { NRM_FACT_ABSENT = 0, NRM_FACTS(NRM_X_) NRM_FACT_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_GIVEN_BY_##name = number,
enum nrm_given_by { NRM_GIVEN_BY_ABSENT = 0, NRM_GIVEN_BY(NRM_X_) NRM_GIVEN_BY_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_HEARD_##name = number,
enum nrm_heard { NRM_HEARD_ABSENT = 0, NRM_HEARD(NRM_X_) NRM_HEARD_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_MODE_##name = number,
enum nrm_mode { NRM_MODE_ABSENT = 0, NRM_MODES(NRM_X_) NRM_MODE_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_OUTCOME_##name = number,
enum nrm_outcome { NRM_OUTCOME_REFUSE = 0, NRM_OUTCOMES(NRM_X_) NRM_OUTCOME_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_REASON_##name = number,
enum nrm_reason { NRM_REASON_ABSENT = 0, NRM_REASONS(NRM_X_) NRM_REASON_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_OBLIGATION_##name = number,
enum nrm_obligation { NRM_OBLIGATION_ABSENT = 0, NRM_OBLIGATIONS(NRM_X_) NRM_OBLIGATION_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_EVENT_##name = number,
enum nrm_event { NRM_EVENT_ABSENT = 0, NRM_EVENTS(NRM_X_) NRM_EVENT_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_ACK_##name = number,
enum nrm_ack { NRM_ACK_ABSENT = 0, NRM_ACKS(NRM_X_) NRM_ACK_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_REFUSAL_##name = number,
enum nrm_refusal { NRM_REFUSAL_ABSENT = 0, NRM_REFUSALS(NRM_X_) NRM_REFUSAL_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_ORG_KIND_##name = number,
enum nrm_org_kind { NRM_ORG_KIND_ABSENT = 0, NRM_ORG_KINDS(NRM_X_) NRM_ORG_KIND_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_STATUS_##name = number,
enum nrm_status { NRM_STATUS_ABSENT = 0, NRM_STATUSES(NRM_X_) NRM_STATUS_END_ };
#undef NRM_X_

#define NRM_X_(name, number, code) NRM_KEY_KIND_##name = number,
enum nrm_key_kind { NRM_KEY_KIND_ABSENT = 0, NRM_KEY_KINDS(NRM_X_) NRM_KEY_KIND_END_ };
#undef NRM_X_

/* The kinds of code, for nrm_code_name() and nrm_code_number(). */
enum nrm_vocabulary {
	NRM_VOCABULARY_ROLE,
	NRM_VOCABULARY_AREA,
	NRM_VOCABULARY_SERVICE,
	NRM_VOCABULARY_CATEGORY,
	NRM_VOCABULARY_FIELD,
	NRM_VOCABULARY_MESSAGE_TYPE,
	NRM_VOCABULARY_PURPOSE,
	NRM_VOCABULARY_PHASE,
	NRM_VOCABULARY_BASIS,
	NRM_VOCABULARY_EMERGENCY,
	NRM_VOCABULARY_URGENCY,
	NRM_VOCABULARY_CHANNEL,
	NRM_VOCABULARY_ANSWER,
	NRM_VOCABULARY_DECLINE,
	NRM_VOCABULARY_STEP,
	NRM_VOCABULARY_DOMAIN,
	NRM_VOCABULARY_PROGRESS,
	NRM_VOCABULARY_NOTICE_KIND,
	NRM_VOCABULARY_AGE_CLASS,
	NRM_VOCABULARY_GUARDIAN,
	NRM_VOCABULARY_ASSESSMENT,
	NRM_VOCABULARY_FACT,
	NRM_VOCABULARY_GIVEN_BY,
	NRM_VOCABULARY_HEARD,
	NRM_VOCABULARY_MODE,
	NRM_VOCABULARY_OUTCOME,
	NRM_VOCABULARY_REASON,
	NRM_VOCABULARY_OBLIGATION,
	NRM_VOCABULARY_EVENT,
	NRM_VOCABULARY_ACK,
	NRM_VOCABULARY_REFUSAL,
	NRM_VOCABULARY_ORG_KIND,
	NRM_VOCABULARY_STATUS,
	NRM_VOCABULARY_KEY_KIND,
	NRM_VOCABULARY_COUNT
};

/*
 * The spelling of code `number` of a kind: a static string, "refuse" for outcome zero,
 * NULL when the kind has no such number (zero included).
 */
const char *nrm_code_name(enum nrm_vocabulary kind, uint32_t number);

/* The number of a spelling (`len` bytes, no terminator needed); 0 when the kind has no such code. */
uint32_t nrm_code_number(enum nrm_vocabulary kind, const char *name, size_t len);

/* How many codes a kind has: its numbers run from 1 to this count. */
uint32_t nrm_code_count(enum nrm_vocabulary kind);

/* The name of a kind ("service"), for error messages. */
const char *nrm_vocabulary_name(enum nrm_vocabulary kind);

/* The area of a service and the category of a field; 0 when there is no such service or field. */
enum nrm_area nrm_service_area(enum nrm_service service);
enum nrm_category nrm_field_category(enum nrm_field field);

/*
 * Sets of codes are masks: bit n stands for code n (services 1-61, fields 1-57, roles 1-28 fit in
 * 64 bits; bit 0 is never set).
 */
typedef uint64_t nrm_mask;
static inline nrm_mask nrm_bit(uint32_t code)
{
	return code < 64 ? (nrm_mask)1 << code : 0;
}

#endif
