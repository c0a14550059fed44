# Makes a folder of Active Record migrations out of NNN_name.up.sql files: rails_project.rb MIGRATIONS PROJECT
migrations, project = ARGV
Dir.mkdir("#{project}/migrate")
File.write("#{project}/migrate.rb", <<~RUBY)
  require "active_record"
  ActiveRecord::Base.establish_connection(ENV.fetch("DATABASE_URL"))
  ActiveRecord::Base.connection
  ActiveRecord::Base.logger = nil
  folder = File.join(__dir__, "migrate")
  ActiveRecord::MigrationContext.new(folder, ActiveRecord::SchemaMigration).migrate
RUBY
Dir["#{migrations}/*.up.sql"].each do |file|
  number, name = File.basename(file, ".up.sql").split("_", 2)
  name = name.downcase.gsub(/[^a-z0-9]+/, "_")
  File.write("#{project}/migrate/#{number}_step_#{number}_#{name}.rb", <<~RUBY)
    class #{"step_#{number}_#{name}".split("_").map(&:capitalize).join} < ActiveRecord::Migration[6.1]
      def up
        execute File.read(#{file.dump})
      end
    end
  RUBY
end
