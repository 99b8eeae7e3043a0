curl -i https://api.logproof.com/v1/events \
  -H "Authorization: Bearer lp_test_..." \
  -H "Content-Type: application/json" \
  -d '{"type": "user.login", "actor": {"id": "user_123"}}'
