# Configure webhook endpoint instead of polling
curl https://api.logproof.com/v1/webhooks \
  -H "Authorization: Bearer lp_test_..." \
  -H "Content-Type: application/json" \
  -d '{
    "url": "https://your-app.com/webhooks/logproof",
    "events": ["event.created", "export.completed"]
  }'
