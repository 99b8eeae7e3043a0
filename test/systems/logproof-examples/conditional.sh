# Use conditional requests with ETag headers
curl https://api.logproof.com/v1/events \
  -H "Authorization: Bearer lp_test_..." \
  -H "If-None-Match: \"abc123etag\""
# Returns 304 Not Modified if content hasn't changed
