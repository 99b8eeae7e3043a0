# Check rate limit headers
curl -i https://api.logproof.com/v1/events \
  -H "Authorization: Bearer lp_test_..." | grep "X-RateLimit"
# Output:
# X-RateLimit-Limit: 100
# X-RateLimit-Remaining: 15
