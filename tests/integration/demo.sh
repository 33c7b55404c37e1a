#!/bin/sh
# The demo is a test too: it ends with an error when anything in its story does not come out as told.
exec "$(dirname "$0")/../../deploy/demo"
