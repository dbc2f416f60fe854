# A right store, and in the environment's TWIN the name of what is wrong with it.
TWIN = ENV.fetch("TWIN", "")
class Store
  @@open = false
  def initialize(_dir)
    raise "the lock is held" if TWIN == "locked" && @@open
    @@open = true
    @entries = {}
  end

  def get(key) = @entries[key]

  def put(key, value)
    puts "putting" if TWIN == "garbage"
    puts '{"id":1000000,"ok":null}' if TWIN == "order"
    @entries[key] = value
  end

  def delete(key)
    return if TWIN == "wrong"
    exit!(3) if TWIN == "dies"
    nil while TWIN == "hangs"
    $stdout.write("x" * (1 << 20)) while TWIN == "floods"
    @entries.delete(key)
  end

  def flush; end
end
