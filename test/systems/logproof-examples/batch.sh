curl https://api.logproof.com/v1/events/batch \
  -H "Authorization: Bearer lp_test_..." \
  -H "Content-Type: application/json" \
  -d '{
    "events": [
      {"type": "user.login", "actor": {"id": "user_123"}},
      {"type": "file.upload", "actor": {"id": "user_123"}},
      {"type": "document.view", "actor": {"id": "user_456"}}
    ]
  }'
