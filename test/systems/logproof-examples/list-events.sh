curl -i https://api.logproof.com/v1/events \
  -H "Authorization: Bearer lp_test_..."
