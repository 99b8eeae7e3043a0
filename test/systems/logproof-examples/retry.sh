# Simple retry with backoff in bash
retry_count=0
max_retries=3
while [ $retry_count -lt $max_retries ]; do
  response=$(curl -s -w "\n%{http_code}" \
    https://api.logproof.com/v1/events \
    -H "Authorization: Bearer lp_test_...")
  status_code=$(echo "$response" | tail -n1)
  if [ "$status_code" = "429" ]; then
    retry_count=$((retry_count + 1))
    sleep $((2 ** retry_count))
  else
    break
  fi
done
