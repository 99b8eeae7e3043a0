#!/usr/bin/env bash
# Sends an event, sends two more with one request, and lists what there is.
set -euo pipefail
authorization="Authorization: Bearer $HEADGATE_KEY"
json="Content-Type: application/json"

curl -sS --fail "$HEADGATE_URL/v1/events" -H "$authorization" -H "$json" -d '
  {"type": "user.login", "actor": {"id": "user_123"}}'
echo

curl -sS --fail "$HEADGATE_URL/v1/events/batch" -H "$authorization" -H "$json" -d '
  {"events": [
    {"type": "file.upload", "actor": {"id": "user_123"}, "target": {"id": "file_9"}},
    {"type": "user.logout", "actor": {"id": "user_123"}}
  ]}'
echo

curl -sS --fail "$HEADGATE_URL/v1/events?actor=user_123&limit=3" -H "$authorization"
echo
