const response = await fetch('https://api.logproof.com/v1/events', {
  headers: {'Authorization': 'Bearer lp_test_...'}
});
const remaining = parseInt(response.headers.get('X-RateLimit-Remaining'));
const limit = parseInt(response.headers.get('X-RateLimit-Limit'));
if (remaining < limit * 0.1) {
  console.warn(`Only ${remaining} requests remaining in this window`);
  // Consider slowing down or batching requests
}
