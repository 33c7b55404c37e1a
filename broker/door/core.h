/*
 * The books as the core that the door drives.
 */
#ifndef NRM_DOOR_CORE_H
#define NRM_DOOR_CORE_H

#include "broker/door/door.h"

struct nrm_core nrm_core_of_books(struct nrm_books *books);

#endif
