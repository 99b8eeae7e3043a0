const cache = new Map();
const CACHE_TTL = 60000; // 1 minute
async function getEvents() {
  const cacheKey = 'events_list';
  const cached = cache.get(cacheKey);
  if (cached && Date.now() - cached.timestamp < CACHE_TTL) {
    return cached.data;
  }
  const response = await fetch('https://api.logproof.com/v1/events', {
    headers: {'Authorization': 'Bearer lp_test_...'}
  });
  const data = await response.json();
  cache.set(cacheKey, {data, timestamp: Date.now()});
  return data;
}
