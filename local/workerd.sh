#!/bin/sh
# The runtime, deaf to a terminal's Ctrl-C: npm start ends it in order.
trap '' INT
exec "$ROUNDHOUSE_WORKERD" "$@"
